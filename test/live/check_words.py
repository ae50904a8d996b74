# SPDX-License-Identifier: BSD-2-Clause
"""What Postfix says of a delivery, in danests' words: which tokens fit a statement.

Every witness of check_test.py ends in a Verdict. Here are those that read the log: as an
administrator would, and dane-report."""

import re
from dataclasses import dataclass, field

from report_ask import Report
from report_rows import BOTH, DANE, NO_TLS, STS, TLS


@dataclass
class Verdict:
    """How mail for a domain ended, by one witness."""

    ends: str = ""                            # as check_case.Case.ends
    tokens: set = field(default_factory=set)  # HELD: those that fit
    failed: list = field(default_factory=list)  # the same for each try that went wrong
    text: str = ""                            # the witness's own words


CERTIFICATE = "Server certificate not (verified|trusted)"
CHAIN = (r"untrusted issuer|self-signed certificate|not trusted by local or TLSA|"
         r"not designated for use as|certificate not yet valid|"
         r"num=(24|25|47|79):")   # no CA; path length; names
DNS = {"dns-query-failed", "dnssec-invalid"}   # one SERVFAIL looks like another

# (the reason that a message waits, what else was logged before it, tokens that fit). A log
# does not tell all: that a record cannot be used is said, but not whether another one can;
# Postfix 3.7 does not hold MX names against the policy, so that an MX outside of it shows as
# a name that does not match; and that a chain cannot be built may have many reasons.
STATEMENTS = [
    (r"TLS is required, but was not offered", r"unsupported TLSA certificate",
     {"starttls-not-supported", "tlsa-invalid"}),
    (r"TLS is required, but was not offered", "", {"starttls-not-supported"}),
    (r"TLS is required, but host \S+ refused to start TLS", "", {"starttls-not-supported"}),
    (r"Cannot start TLS: handshake failure", "", {"tls-handshake-failure"}),
    (CERTIFICATE, r"num=65:no matching DANE TLSA records", {"tlsa-invalid"}),
    (CERTIFICATE, r"num=62:hostname mismatch",
     {"certificate-host-mismatch", "sts-cert-host-mismatch", "sts-mx-not-in-policy"}),
    (CERTIFICATE, r"certificate has expired", {"certificate-expired", "sts-cert-expired"}),
    (CERTIFICATE, CHAIN, {"tlsa-invalid", "sts-cert-untrusted"}),
    (r"no TLSA records found|TLSA records unusable", "", {"dane-required"}),
    (r"TLSA lookup error for", "", DNS),
    (r"Host or domain name not found.* try again", "", DNS),
    (r"client TLS configuration problem", r"temporary error: .*: DNSSEC bogus",
     {"dnssec-invalid"}),
    (r"client TLS configuration problem", r"temporary error: ", {"dns-query-failed"}),
]
# A line of the smtp client that ends one message, or one try of it.
DONE = re.compile(r"\w+: to=<([^>]*)>, .* status=(\w+) \((.*)\)$")
TRY = re.compile(r"[0-9A-F]{6,}: (?!to=<|from=<)(.*)")
POLICY = re.compile(r"warning: TLS policy lookup for \S+: (.*)")   # no TLS, no try
SESSION = re.compile(r"(\w+) TLS connection (?:established|reused) to ")


def tokens_of(reason, said):
    """Those of the first statement that fits."""
    return next((tokens for wanted, before, tokens in STATEMENTS
                 if re.match(wanted, reason) and re.search(before, said)), set())


def postfix_verdicts(log):
    """{recipient: Verdict} of the messages that are done with."""
    found, before, failed, level = {}, {}, {}, {}
    for line in log.splitlines():
        match = re.search(r"postfix/smtp\[(\d+)\]: (.*)", line)
        if not match:
            continue
        process, text = match.groups()
        said = before.setdefault(process, [])
        done, session = DONE.match(text), SESSION.match(text)
        tried, policy = TRY.match(text), POLICY.match(text)
        if session:
            level[process] = session.group(1)
        elif tried or policy:   # one host did not do
            failed.setdefault(process, []).append(
                tokens_of((tried or policy).group(1), "\n".join(said)))
        if tried:   # the next one is its own story
            said.clear()
            level.pop(process, None)
        if done:
            found[done.group(1)] = Verdict(
                {"deferred": "held", "sent": level.get(process, "clear")}.get(
                    done.group(2), done.group(2)),
                tokens_of(done.group(3), "\n".join(said)) if done.group(2) != "sent" else set(),
                failed.pop(process, []), "\n".join(said + [text]))
            said.clear()
            level.pop(process, None)
        else:
            said.append(text)
    return found


# Types of what was sent; TLS-only is a trusted session or an untrusted one.
ENDS = {DANE: "Verified", STS: "Verified", BOTH: "Verified", TLS: "Untrusted", NO_TLS: "clear"}


def report_verdicts(build, log, known, recipients):
    """{recipient: Verdict} by dane-report, of Postfix's log and danestsd's."""
    report = Report(build, [log], [known])
    found = {}
    for row in report.rows("blocked-details"):
        error = row["Error Details"].partition(": ")[0]
        code, token = error.split(" ")
        found[row["Recipient"]] = Verdict("bounced" if code.startswith("5") else "held", {token},
                                          text=" ".join(row.values()))
    domains = {r.split("@")[1]: r for r in recipients if r not in found}
    for domain, types in report.sent_of(list(domains)).items():
        found[domains[domain]] = Verdict(
            " ".join(ENDS.get(t, t) for t in types), text=str(types))
    return found, report.complaints
