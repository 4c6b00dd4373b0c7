"""What an object store answered, in a sentence that says what to do."""

from __future__ import annotations

import re

# What to look for in an answer, and what to say of it. The first that fits is taken: a refusal by the machine's own
# metadata service, which is asked last for credentials, also says that access is denied.
_ANSWERS = tuple(
    (re.compile(pattern, re.IGNORECASE), sentence)
    for pattern, sentence in (
        (
            r"169\.254\.(169\.254|170\.2)|metadata\.google\.internal|must be specified|missing [as]\w+key",
            "no credentials for {address} were found; set {keys}, or name them in [storage].",
        ),
        (
            r"No_?Such_?Bucket|specified bucket does not exist|ContainerNotFound|container does not exist",
            "there is no bucket '{bucket}' at {store}; check its name and endpoint_url.",
        ),
        (
            r"AuthenticationFailed|Invalid_?Access_?Key|SignatureDoesNotMatch|(Expired|Invalid)_?Token|invalid_grant",
            "{store} does not accept the credentials for {address}; check {keys}, or [storage].",
        ),
        (
            r"AuthorizationHeaderMalformed|PermanentRedirect|IllegalLocationConstraint|301 Moved|missing region",
            "the bucket '{bucket}' is in another region; set {region} in [storage].",
        ),
        (
            r"Access_?Denied|AuthorizationFailure|AuthorizationPermissionMismatch|403 Forbidden",
            "access to {address} is denied; the login needs the right to list and read the bucket '{bucket}'.",
        ),
        (
            r"error sending request|connection re(fused|set)|dns error|timed? ?out|NETWORK_CONNECTION",
            "{store} does not answer for {address}; check endpoint_url in [storage], and the network.",
        ),
        (
            r"SlowDown|429 Too Many|50[0234] [A-Z]",
            "{store} is in trouble, or asks for fewer requests; try again later.",
        ),
        (
            r"NoSuchKey|BlobNotFound|not found|404|no such file",
            "{address}, or a file of it, is not there; look whether it was removed or replaced.",
        ),
    )
)
_REGION = re.compile(r"expecting '([a-z0-9-]+)'|<Region>([a-z0-9-]+)</Region>")
_KEYS = {
    "s3": "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    "gs": "GOOGLE_APPLICATION_CREDENTIALS",
    "az": "AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY",
}


def reason(said: str, address: str, bucket: str, scheme: str, endpoint: str = "") -> str:
    """The end of a sentence on why ``address`` cannot be read, its full stop included.

    Args:
        said: What a reader of the store said, in as many lines as it liked.
        address: What was asked for.
        bucket: Its bucket or container.
        scheme: ``s3``, ``gs`` or ``az``.
        endpoint: The store's own address, if it is not the cloud's.
    """
    sentence = next((told for pattern, told in _ANSWERS if pattern.search(said)), None)
    if sentence is None:
        return f"{address} cannot be read: {first_line(said)}."
    match = _REGION.search(said)
    region = f'region = "{match[1] or match[2]}"' if match else "its region"
    return sentence.format(
        address=address, bucket=bucket, store=endpoint or "the store", keys=_KEYS[scheme], region=region
    )


def first_line(said: str) -> str:
    """What was said, short: no markup, no signature behind a question mark, no colours of a terminal."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", said.strip())
    line = next((one for one in plain.splitlines() if one.strip()), "nothing is known of it")
    line = re.sub(r"\s*-?\s*Server returned.*|<[^>]*>.*", "", line)
    return re.sub(r"\?\S+", "?…", line).strip().rstrip(".:")
