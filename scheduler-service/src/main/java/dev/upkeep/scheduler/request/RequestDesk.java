package dev.upkeep.scheduler.request;

import dev.upkeep.common.command.Origin;
import dev.upkeep.common.command.Validity;
import dev.upkeep.common.control.Control;
import dev.upkeep.common.id.RunId;
import dev.upkeep.common.kafka.Message;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.common.request.Request;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.run.RunState;
import dev.upkeep.common.run.Target;
import dev.upkeep.common.wire.Unreadable;
import dev.upkeep.common.wire.Wire;
import dev.upkeep.scheduler.firing.PolicyRuns;
import dev.upkeep.scheduler.fleet.Fleet;
import dev.upkeep.scheduler.policy.Policy;
import dev.upkeep.scheduler.policy.PolicySet;
import dev.upkeep.scheduler.run.Digest;
import dev.upkeep.scheduler.run.Dispatch;
import dev.upkeep.scheduler.run.Freezer;
import dev.upkeep.scheduler.run.Run;
import dev.upkeep.scheduler.run.RunBook;
import dev.upkeep.scheduler.run.RunHead;
import dev.upkeep.scheduler.run.RunPlan;
import dev.upkeep.scheduler.run.TargetsHash;
import dev.upkeep.scheduler.run.WorkOrder;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Judges requests. Each record gets exactly one verdict: a run under the request's id, accepted or rejected with reasons. One
 * without a usable id, or with the id of another, gets its verdict under {@code request-<partition>-<offset>}. A repeat gets the
 * first verdict again and has no further effect. Changes nothing by itself.
 */
public final class RequestDesk {
    private static final Pattern RESERVED = Pattern.compile("request-\\d+-\\d+");

    /** Tasks travel in every command, which must fit a record. */
    private static final int LARGEST_TASKS = 128 * 1024;

    /** So many databases of a cancelled run end in the transaction of the request; the rest soon after, step by step. */
    private static final int CANCELLED_AT_ONCE = 1_000;

    private final RequestLimits limits;
    private final Fleet fleet;
    private final RunBook book;

    /** Over this fleet and these runs. */
    public RequestDesk(RequestLimits limits, Fleet fleet, RunBook book) {
        this.limits = limits;
        this.fleet = fleet;
        this.book = book;
    }

    /** The verdict on one record. */
    public Verdict judge(
            ConsumerRecord<String, byte[]> record, PolicySet policies, Collection<Control> controls, Instant now) {
        String place = "request-" + record.partition() + "-" + record.offset();
        Request request;
        try {
            request = Records.read(record, Message.REQUEST);
        } catch (Unreadable e) {
            byte[] value = record.value() == null ? new byte[0] : record.value();
            String id = RequestText.id(value)
                    .filter(said -> !RESERVED.matcher(said).matches())
                    .filter(said -> book.find(RunId.ofRequest(said)).isEmpty())
                    .orElse(place);
            Run rejected = rejected(id, Digest.of(value), e.reason(), now);
            return new Verdict(List.of(rejected), List.of(), Optional.empty(), Optional.of(e.reason()));
        }
        String digest = Digest.of(request);
        String id = request.id().orElse(place);
        Optional<Run> before = book.find(RunId.ofRequest(id));
        if (before.isPresent()) {
            return before.get().head().plan().digest().equals(Optional.of(digest))
                    ? new Verdict(List.of(), List.of(), before, Optional.empty())
                    : Verdict.of(rejected(place, digest, conflict(id), now));
        }
        if (request.id().isPresent() && RESERVED.matcher(id).matches()) {
            Reason reserved = new Reason(
                    Code.INVALID, "id: " + id + " (request-<number>-<number> is kept for requests without an id)");
            return Verdict.of(rejected(place, digest, reserved, now));
        }
        RunPlan plan = RunPlan.ofRequest(digest, Records.header(record.headers(), Records.TRACEPARENT));
        Named named = new Named(RunId.ofRequest(id), plan, request, Instant.ofEpochMilli(record.timestamp()));
        Freezer freezer = new Freezer(fleet.executors(), controls);
        if (request instanceof Request.Order order) {
            return Verdict.of(order(named, order, freezer, now));
        }
        if (request instanceof Request.RunPolicy run) {
            return Verdict.of(policy(named, run, policies, new PolicyRuns(freezer, controls), now));
        }
        return cancel(named, (Request.CancelRun) request, new Dispatch(fleet, controls, now), now);
    }

    /** The verdict on a record on which judging came to grief by a mistake of this program. */
    public Verdict failed(ConsumerRecord<String, byte[]> record, Instant now) {
        byte[] value = record.value() == null ? new byte[0] : record.value();
        Reason reason = new Reason(
                Code.INTERNAL, "the scheduler failed on this request; its log has the cause, please report it");
        Run rejected = rejected("request-" + record.partition() + "-" + record.offset(), Digest.of(value), reason, now);
        return new Verdict(List.of(rejected), List.of(), Optional.empty(), Optional.of(reason));
    }

    /** A request with the id and the plan that its run will have. */
    private record Named(RunId id, RunPlan plan, Request request, Instant published) {
        Origin origin() {
            return new Origin(Origin.Kind.REQUEST, id.text(), request.requestedBy(), request.reason());
        }
    }

    private Run order(Named named, Request.Order order, Freezer freezer, Instant now) {
        Duration startWithin = order.startWithin().orElse(limits.startWithin());
        Duration finishWithin = order.finishWithin()
                .orElse(startWithin.compareTo(limits.finishWithin()) > 0 ? startWithin : limits.finishWithin());
        if (startWithin.compareTo(finishWithin) > 0) {
            startWithin = finishWithin;
        }
        if (finishWithin.compareTo(Policy.LONGEST) > 0) {
            return refused(named, Code.INVALID, "finishWithin: " + finishWithin + " (must be at most 7 d)", now);
        }
        int size = Wire.write(order.tasks()).length;
        if (size > LARGEST_TASKS) {
            return refused(
                    named, Code.OVERSIZED, "tasks: " + size + " bytes (must be at most " + LARGEST_TASKS + ")", now);
        }
        if (named.published().plus(startWithin).isBefore(now)) {
            return refused(
                    named,
                    Code.TOO_LATE,
                    "published at " + named.published() + ", read at " + now + ": later than its startWithin of "
                            + startWithin,
                    now);
        }
        Optional<Run> full = tooMany(named, now);
        if (full.isPresent()) {
            return full.get();
        }
        Validity validity = new Validity(now, now.plus(startWithin), now.plus(finishWithin));
        WorkOrder work = new WorkOrder(
                named.id(),
                named.origin(),
                now,
                validity,
                order.dryRun(),
                order.planHash(),
                order.select(),
                order.tasks(),
                named.plan());
        return bound(named, withinLimits(named, freezer.freeze(work, Map.of(), now), now), now);
    }

    private Run policy(Named named, Request.RunPolicy run, PolicySet policies, PolicyRuns runs, Instant now) {
        Optional<Policy> policy = policies.find(run.policy());
        if (policy.isEmpty()) {
            List<String> known =
                    policies.all().stream().map(each -> each.name().text()).toList();
            return refused(
                    named,
                    Code.UNKNOWN_POLICY,
                    "policy: " + run.policy() + " (there is none of this name; known are: " + String.join(", ", known)
                            + ")",
                    now);
        }
        Optional<Run> full = tooMany(named, now);
        if (full.isPresent()) {
            return full.get();
        }
        Origin origin = new Origin(Origin.Kind.POLICY, run.policy().text(), run.requestedBy(), run.reason());
        return bound(
                named,
                runs.runNow(policy.get(), named.id(), origin, run.dryRun(), named.plan(), book.busy(run.policy()), now),
                now);
    }

    /** The run, unless it means other databases than those that were previewed. */
    private static Run bound(Named named, Run run, Instant now) {
        Optional<String> previewed = named.request().targetsHash();
        if (previewed.isEmpty() || run.head().status() == RunState.Status.REJECTED) {
            return run;
        }
        List<Target> targets = run.targets();
        return TargetsHash.ofTargets(targets).equals(previewed.get())
                ? run
                : refused(
                        named,
                        Code.PLAN_DRIFTED,
                        "targetsHash: " + previewed.get() + " (must be that of the databases that are meant; they have"
                                + " changed since the preview, now "
                                + targets.stream()
                                        .filter(target -> !target.outcome().equals(Optional.of(Outcome.REJECTED)))
                                        .count()
                                + " are: preview again)",
                        now);
    }

    private Verdict cancel(Named named, Request.CancelRun cancel, Dispatch dispatch, Instant now) {
        Optional<Run> run = book.find(cancel.cancel());
        if (run.isEmpty()) {
            return Verdict.of(
                    refused(named, Code.INVALID, "cancel: " + cancel.cancel() + " (no such run is known)", now));
        }
        RunPlan.Stop order = new RunPlan.Stop(cancel.requestedBy(), cancel.reason());
        Run before = run.get();
        Dispatch.Dispatched stopped = cancel.command()
                .map(only -> dispatch.stop(before, order, only))
                .orElseGet(() -> dispatch.stop(before, order, CANCELLED_AT_ONCE));
        boolean nothing = stopped.run().equals(before);
        Run own = Run.of(head(named, RunState.Status.ENDED, done(before, stopped, cancel), now), List.of());
        List<Run> runs = new ArrayList<>(List.of(own));
        if (!nothing) {
            runs.add(stopped.run());
        }
        return new Verdict(runs, stopped.cancels(), Optional.empty(), Optional.empty());
    }

    private static Reason done(Run before, Dispatch.Dispatched stopped, Request.CancelRun cancel) {
        String done = "nothing to cancel: what is meant has ended";
        if (cancel.command().isEmpty() && !before.isOver() && before.isStopping()) {
            done = "nothing to cancel: run " + before.head().id() + " was told to stop before";
        } else if (!stopped.run().equals(before)) {
            int planned = before.tally().planned();
            done = "cancelled: "
                    + (cancel.command().isEmpty()
                            ? planned
                            : planned - stopped.run().tally().planned())
                    + " databases not yet sent, "
                    + (cancel.command().isEmpty()
                            ? before.tally().sent()
                            : stopped.cancels().size())
                    + " executors told to stop";
        }
        return new Reason(Code.CANCELLED, done);
    }

    private Optional<Run> tooMany(Named named, Instant now) {
        long active = book.active().stream()
                .filter(run -> run.head().plan().digest().isPresent())
                .count();
        return active < limits.active()
                ? Optional.empty()
                : Optional.of(refused(
                        named,
                        Code.TOO_MANY_REQUESTS,
                        active + " requests are under way, at most " + limits.active() + " may be; try again later",
                        now));
    }

    private Run withinLimits(Named named, Run run, Instant now) {
        int databases = run.tally().databases();
        return databases <= limits.databases()
                ? run
                : refused(
                        named,
                        Code.INVALID,
                        "select: means " + databases + " databases (a request may mean at most " + limits.databases()
                                + ", see upkeep.requests.most-databases)",
                        now);
    }

    private static Reason conflict(String id) {
        return new Reason(
                Code.ID_CONFLICT,
                "id: " + id + " (was used for a request or run with another content, which stays as it is)");
    }

    private static Run refused(Named named, Code code, String message, Instant now) {
        return Run.of(head(named, RunState.Status.REJECTED, new Reason(code, message), now), List.of());
    }

    private static Run rejected(String id, String digest, Reason reason, Instant now) {
        Origin origin = new Origin(Origin.Kind.REQUEST, id, Optional.empty(), Optional.empty());
        return Run.of(
                new RunHead(
                        RunId.ofRequest(id),
                        origin,
                        RunState.Status.REJECTED,
                        List.of(reason),
                        now,
                        now,
                        Optional.empty(),
                        false,
                        Optional.empty(),
                        List.of(),
                        RunPlan.ofRequest(digest, Optional.empty())),
                List.of());
    }

    private static RunHead head(Named named, RunState.Status status, Reason reason, Instant now) {
        return new RunHead(
                named.id(),
                named.origin(),
                status,
                List.of(reason),
                now,
                now,
                Optional.empty(),
                false,
                Optional.empty(),
                List.of(),
                named.plan());
    }
}
