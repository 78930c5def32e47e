"""A second opinion on a message: does Python read it without a defect, and does dkimpy verify its signatures?

verify_mail.py MESSAGE.eml DNS.json, where DNS.json maps a name such as news._domainkey.example.org to its TXT value.
Prints one JSON document; exit status 0 if all is well.
"""

import email
import email.policy
import json
import re
import sys

import dkim

# Headers that a relay may rightly add or change, so no signature has to cover them.
FREE = {"dkim-signature", "received", "return-path"}


def defects(message):
    """Everything the strict parser or a look at the raw bytes finds wrong."""
    found = []
    try:
        parsed = email.message_from_bytes(message, policy=email.policy.strict)
    except Exception as error:  # the strict policy raises the first defect
        return [f"{type(error).__name__}: {error}"]
    for part in parsed.walk():
        found += [f"{part.get_content_type()}: {defect!r}" for defect in part.defects]
        for name, value in part.items():
            found += [f"{name}: {defect!r}" for defect in getattr(value, "defects", ())]
        if not part.is_multipart():
            try:
                part.get_content()
            except Exception as error:
                found.append(f"{part.get_content_type()}: {error!r}")
    for name in ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version"):
        if len(parsed.get_all(name, [])) != 1:
            found.append(f"{name} stands {len(parsed.get_all(name, []))} times")
    if re.search(rb"\r(?!\n)|(?<!\r)\n|\0", message):
        found.append("a bare CR or LF, or a NUL")
    if any(len(line) > 998 for line in message.split(b"\r\n")):
        found.append("a line longer than 998")
    return found


def fields(message):
    """The header fields, folded as they stand, and the rest from the empty line on."""
    head, _, body = message.partition(b"\r\n\r\n")
    return re.split(rb"\r\n(?![ \t])", head), b"\r\n\r\n" + body


def name_of(field):
    return field.split(b":", 1)[0].decode().strip().lower()


def check(message, index, lookup):
    """One signature: valid, complete, and broken by a change to each thing it covers."""

    def valid(bytes_):
        try:
            return bool(dkim.DKIM(bytes_).verify(idx=index, dnsfunc=lookup))
        except dkim.DKIMException:
            return False

    head, body = fields(message)
    signature = [field for field in head if name_of(field) == "dkim-signature"][index].decode()
    tags = dict(re.findall(r"(\w+)=([^;]*)", re.sub(r"\s", "", signature.split(":", 1)[1])))
    covered = [name.lower() for name in tags["h"].split(":")]
    names = [name_of(field) for field in head if name_of(field) not in FREE]
    survivors = []
    for at, field in enumerate(head):
        if name_of(field) in covered:
            changed = head[:at] + [re.sub(rb"^([^:]*: ?)", rb"\1z", field)] + head[at + 1 :]
            if valid(b"\r\n".join(changed) + body):
                survivors.append(name_of(field))
            if valid(b"\r\n".join(head[:at] + head[at + 1 :]) + body):
                survivors.append(name_of(field) + " removed")
    if valid(b"\r\n".join([b"From: <evil@example.net>"] + head) + body):
        survivors.append("from added")
    if valid(message.rstrip(b"\r\n") + b"z\r\n"):
        survivors.append("body")
    return {
        "algorithm": tags["a"],
        "valid": valid(message),
        "covered": covered,
        "uncovered": [name for name in names if name not in covered] + (["l= is set"] if "l" in tags else []),
        "still_valid_when_changed": survivors,
    }


def main():
    with open(sys.argv[1], "rb") as file:
        message = file.read()
    with open(sys.argv[2], encoding="utf-8") as file:
        records = json.load(file)

    def lookup(name, timeout=5):
        return records.get(name.decode().rstrip("."), "").encode()

    count = sum(name_of(field) == "dkim-signature" for field in fields(message)[0])
    report = {
        "defects": defects(message),
        "signatures": [check(message, index, lookup) for index in range(count)],
    }
    print(json.dumps(report))
    good = not report["defects"] and report["signatures"]
    return 0 if good and all(
        s["valid"] and not s["uncovered"] and not s["still_valid_when_changed"] for s in report["signatures"]
    ) else 1


if __name__ == "__main__":
    sys.exit(main())
