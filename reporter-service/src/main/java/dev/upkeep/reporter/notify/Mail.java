package dev.upkeep.reporter.notify;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** Tells alerts by mail, as text and as HTML, all that were gathered in one mail. */
@Singleton
final class Mail implements WayOut {
    private final List<String> to;
    private final String from;
    private final Duration digest;
    private final io.quarkus.mailer.Mailer mailer;

    @Inject
    Mail(MailConfig config, io.quarkus.mailer.Mailer mailer) {
        this.to = config.to().orElse(List.of());
        this.from = config.from();
        this.digest = config.digest();
        this.mailer = mailer;
    }

    @Override
    public String name() {
        return "mail";
    }

    @Override
    public boolean isOn() {
        return !to.isEmpty();
    }

    @Override
    public boolean wantsReminders() {
        return true;
    }

    @Override
    public Duration gathering() {
        return digest;
    }

    @Override
    public void tell(List<Notice> notices) throws IOException {
        Letter letter = Letter.of(notices.stream().map(Notice::alert).toList());
        io.quarkus.mailer.Mail mail = new io.quarkus.mailer.Mail()
                .setTo(to)
                .setFrom(from)
                .setSubject(letter.subject())
                .setText(letter.text())
                .setHtml(letter.html());
        try {
            mailer.send(mail);
        } catch (RuntimeException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IOException("mail: " + cause.getMessage(), e);
        }
    }
}
