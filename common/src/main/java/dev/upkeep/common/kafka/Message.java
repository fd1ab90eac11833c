package dev.upkeep.common.kafka;

import dev.upkeep.common.alert.Alert;
import dev.upkeep.common.command.Cancel;
import dev.upkeep.common.command.Command;
import dev.upkeep.common.control.Control;
import dev.upkeep.common.fleet.Registration;
import dev.upkeep.common.request.Request;
import dev.upkeep.common.result.Progress;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.run.RunState;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/** The kinds of messages: for each its CloudEvents type, its topic, and how key and event id follow from the value. */
public final class Message<T> {
    public static final Message<Request> REQUEST =
            new Message<>("request", Topic.REQUESTS, Request.class, r -> r.id().orElse(""), r -> r.id().orElse(""));
    public static final Message<Command> COMMAND = new Message<>(
            "command", Topic.COMMANDS, Command.class, c -> c.executor().text(), c -> c.id().text());
    public static final Message<Cancel> CANCEL = new Message<>(
            "cancel",
            Topic.COMMANDS,
            Cancel.class,
            c -> c.executor().text(),
            c -> "cancel/" + c.command().text());
    public static final Message<Result> RESULT = new Message<>(
            "result",
            Topic.RESULTS,
            Result.class,
            r -> r.database().text(),
            r -> r.command().text());
    public static final Message<Progress> PROGRESS = new Message<>(
            "progress",
            Topic.PROGRESS,
            Progress.class,
            p -> p.command().text(),
            p -> p.command().text() + "#" + p.at());
    public static final Message<Registration> REGISTRATION = new Message<>(
            "registration",
            Topic.EXECUTORS,
            Registration.class,
            r -> r.executor().text(),
            r -> r.executor().text() + "#" + r.at());
    public static final Message<RunState> RUN_STATE =
            new Message<>("run-state", Topic.RUNS, RunState.class, RunState::key, r -> r.key() + "#" + r.at());
    public static final Message<Control> CONTROL = new Message<>(
            "control", Topic.CONTROLS, Control.class, c -> c.id().text(), c -> c.id().text() + "#" + c.from());
    public static final Message<Alert> ALERT = new Message<>(
            "alert",
            Topic.ALERTS,
            Alert.class,
            Alert::fingerprint,
            a -> a.fingerprint() + "#" + a.startsAt() + "#" + a.status());

    private final String name;
    private final Topic topic;
    private final Class<T> type;
    private final Function<T, String> key;
    private final Function<T, String> id;

    private Message(String name, Topic topic, Class<T> type, Function<T, String> key, Function<T, String> id) {
        this.name = name;
        this.topic = topic;
        this.type = type;
        this.key = key;
        this.id = id;
    }

    /** All kinds, in the order of DESIGN.md. */
    public static List<Message<?>> kinds() {
        return Arrays.asList(REQUEST, COMMAND, CANCEL, RESULT, PROGRESS, REGISTRATION, RUN_STATE, CONTROL, ALERT);
    }

    /** The kind's name, which is also its schema's: {@code deploy/schemas/<name>.schema.json}. */
    public String name() {
        return name;
    }

    /** The value of the {@code ce_type} header. */
    public String eventType() {
        return "dev.upkeep." + name + ".v1";
    }

    public Topic topic() {
        return topic;
    }

    public Class<T> type() {
        return type;
    }

    String key(T value) {
        return key.apply(value);
    }

    String eventId(T value) {
        return id.apply(value);
    }
}
