package dev.upkeep.executor.operation.store;

import dev.upkeep.common.result.Code;
import dev.upkeep.executor.operation.Failure;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.Set;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Says in our words what a store answered. */
final class S3Failures {
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;
    private static final int UNAUTHORIZED = 401;
    private static final Set<String> BAD_KEY =
            Set.of("InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "AuthorizationHeaderMalformed");

    private S3Failures() {}

    /** A request of the client. */
    interface Request<T> {
        T send();
    }

    /** Sends it; {@code what} is said of it if it fails. */
    static <T> T send(String place, String key, String what, Request<T> request) throws IOException {
        try {
            return request.send();
        } catch (NoSuchKeyException e) {
            throw new NoSuchFileException(place + key);
        } catch (S3Exception e) {
            throw answered(place, what, e);
        } catch (SdkException e) {
            throw unreachable(place, what, e);
        }
    }

    private static Failure answered(String place, String what, S3Exception e) {
        String word = e.awsErrorDetails() == null
                ? ""
                : String.valueOf(e.awsErrorDetails().errorCode());
        String said = word + " (status " + e.statusCode() + ")";
        if (BAD_KEY.contains(word) || e.statusCode() == UNAUTHORIZED) {
            return new Failure(
                    Code.AUTHENTICATION_FAILED,
                    place + " does not accept the key, " + said
                            + ": look at upkeep.store.s3.access-key-id and its secret",
                    e);
        }
        if (e.statusCode() == FORBIDDEN) {
            return new Failure(
                    Code.PERMISSION_DENIED,
                    place + " forbids " + what + ", " + said + ": give the key the rights named in docs/backups.md",
                    e);
        }
        return new Failure(
                e.statusCode() == NOT_FOUND ? Code.PERMISSION_DENIED : Code.STORE_UNAVAILABLE,
                what + " at " + place + " failed: " + said
                        + (e.statusCode() == NOT_FOUND ? "; does the bucket exist?" : ""),
                e);
    }

    /** The store did not answer, or stopped in the middle. */
    static Failure unreachable(String place, String what, Exception e) {
        return new Failure(Code.STORE_UNAVAILABLE, what + " at " + place + " failed: " + rootOf(e), e);
    }

    private static String rootOf(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getClass().getSimpleName() + (root.getMessage() == null ? "" : ": " + root.getMessage());
    }
}
