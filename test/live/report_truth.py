# SPDX-License-Identifier: BSD-2-Clause
"""What a report may say of a situation, given what Postfix logs in a setting: the truth
where the log has it, and where it has not, that it has not. A certain type without
evidence is wrong, also when it is right by luck."""

from report_rows import BOTH, DANE, STS

EITHER, UNKNOWN, REQUIRED = "DANE or MTA-STS", "Unknown", "TLS required"
ABSENT = None            # no row of blocked-details
# Of a certificate that does not do, the log names the fault, but not who asked for it: it is
# then one of these.
TWINS = {
    "certificate-host-mismatch": "7.5 sts-cert-host-mismatch",
    "certificate-expired": "7.5 sts-cert-expired",
    "sts-cert-host-mismatch": "7.325 certificate-host-mismatch",
    "sts-cert-expired": "7.322 certificate-expired",
    "sts-cert-untrusted": "7.323 tlsa-invalid",
    "tlsa-invalid": "7.5 sts-cert-untrusted",
}
ONLY_TEXT = "7.5 cert-not-verified"
# Statements that only DANE makes, whatever else is logged.
DANE_ALONE = {"need-dnssec.plain", "need-tlsa.lab", "need-usable.lab", "need-mx.plain",
              "own-bogus.lab", "own-broken.lab"}
# "num=65: no matching DANE TLSA records", since 3.6.
NUMBER_65 = {"wrong.lab", "wrong-null.lab", "named.lab", "ta-gap.lab", "both-wrong.lab",
             "waived.lab", "crowd.lab"}


def sent_as(scene, setting, joined):
    """Types that a delivery may be counted as."""
    joined = joined and not scene.own
    secured = scene.type in (DANE, STS, BOTH)
    if scene.type == BOTH and not joined:
        exact = DANE        # that there is a policy as well is not in Postfix's log
    else:
        exact = scene.type
    if not setting.feature and not joined and "hub" in scene.name and setting.sessions:
        # A session that is resumed has no proof of its own, and this server's are of two kinds.
        return {EITHER, exact} if "certmatch" in setting.loglevel else {EITHER}
    if setting.feature or "certmatch" in setting.loglevel:
        return {exact}
    if not setting.sessions:
        # What danestsd told Postfix holds, but for what it only hoped for.
        return {UNKNOWN} | ({exact} if joined and secured else set())
    if secured:
        return {exact} if joined else {EITHER}
    return {exact}


def blocked_as(scene, setting, joined):
    """(type, error) of its rows, ABSENT where there may be none."""
    name = scene.name
    exact = (scene.type, scene.error)
    if scene.kind == "temp":
        return {exact} if joined else {ABSENT, exact}
    if scene.kind == "other" and scene.error:   # one SERVFAIL looks like another
        return {ABSENT, (UNKNOWN, "4.312 dns-query-failed")} | ({exact} if joined else set())
    if scene.kind == "policy":
        return {ABSENT} if setting.feature else {(REQUIRED, "7.321 starttls-not-supported")}
    if scene.kind == "open":                    # before 3.11 it may have had to work
        return {ABSENT} if setting.feature or joined else {(UNKNOWN, scene.error)}
    if scene.kind != "blocked":
        return {ABSENT}
    if name in DANE_ALONE or name in NUMBER_65:
        return {exact}
    if name == "sts-outside.plain" and setting.patterns:   # a line of its own says so
        return {exact}
    if name == "unusable-clear.lab":
        # TLS was asked for because of TLSA records; the log has it as "encrypt".
        same = {exact, (DANE, "7.321 starttls-not-supported")}
        if joined:
            return same
        return {ABSENT} if setting.feature else same | {
            (REQUIRED, "7.321 starttls-not-supported")}
    found = {exact}
    if name == "sts-outside.plain" and not setting.patterns:
        # Before 3.10.5 such a certificate is one with another name.
        found = {exact, (STS, "7.5 sts-cert-host-mismatch")}
    if setting.feature or joined:
        return found
    return found | _vague(scene) if "certmatch" in setting.loglevel else _vague(scene)


def _vague(scene):
    token = scene.error.split(" ")[1]
    if token == "tls-handshake-failure":
        return {(UNKNOWN, scene.error)}
    if "cert" not in token and token != "tlsa-invalid" and token != "sts-mx-not-in-policy":
        return {(REQUIRED, scene.error)}
    errors = {scene.error, ONLY_TEXT, TWINS.get(token, ""),
              *(TWINS["certificate-host-mismatch"], TWINS["sts-cert-host-mismatch"])
              * (token == "sts-mx-not-in-policy")} - {""}
    return {(t, e) for t in (REQUIRED, UNKNOWN) for e in errors}
