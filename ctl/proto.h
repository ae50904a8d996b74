/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The control socket of danestsd: one JSON object per line, in both directions.
 *
 * A connection has one request at a time; more may be sent ahead. Each is answered by
 * any number of lines and a last one, which has either "ok": true or, when it has not,
 * "error":
 *
 *	> {"do": "get", "domain": "example.com"}
 *	< {"ok": true, "policy": {"domain": "example.com", "mode": "enforce", ...}}
 *	> {"do": "fly"}
 *	< {"error": "bad-request", "reason": "there is no \"fly\" to do", "code": 64}
 *
 * "code" is of sysexits.h, "error" one of PROTO_BAD_* below. After bad-request the
 * connection is closed: who sends garbage cannot tell answers apart.
 *
 * What can be asked, with members that may be left out in brackets:
 *
 *	status                          what runs, and how it is
 *	list [mode] [suffix]            {"policy": ...} per policy without its text; in no
 *	                                order; the last line has "count". mode: none, testing
 *	                                or enforce; suffix: that domain and those below it
 *	export [mode] [suffix]          the same, with texts
 *	get domain                      "policy"; error not-held
 *	purge [all]                     answers of DNS, failures, what was made of them, and
 *	                                policies: those of mode enforce only with "all": true.
 *	                                Last line: "purged", "kept"
 *	purge domains [all]             the policies of these only; one of mode enforce is kept
 *	                                unless "all": true, and named by {"kept": DOMAIN}
 *	import policy [replace]         policy as export gives it: domain, id, fetched, and text
 *	                                or text_hex count, the rest follows from the text. Last
 *	                                line: "imported": false when a newer one is held and
 *	                                not "replace": true; error bad-record
 *	sync                            after imports: make them durable, and have them heeded
 *	overrides                       {"override": {"key", "what": "reply" (then "reply"),
 *	                                "no-dane" or "no-sts"}} per line of their file
 *	explain name                    "reply" and "reply_tlsrpt", what a lookup of this nexthop
 *	                                comes to now, and what they rest on, as "danests query
 *	                                --json" names it
 *	answer names                    {"name": ..., "reply": ...} per name, as they come; at
 *	                                most PROTO_MAX_NAMES
 */
#ifndef CTL_PROTO_H
#define CTL_PROTO_H

#define PROTO_DEFAULT "unix:/run/danests/control"

/* A line of a request, its end included: a policy of 64 KiB fits, however it is escaped. */
#define PROTO_MAX_LINE (1 << 20)
#define PROTO_MAX_NAMES 4096

#define PROTO_BAD_REQUEST "bad-request" /* 64 */
#define PROTO_BAD_RECORD "bad-record"   /* 65 */
#define PROTO_NOT_HELD "not-held"       /* 66 */
#define PROTO_BUSY "busy"               /* 75: try again */
#define PROTO_NO_MEMORY "no-memory"     /* 71 */
#define PROTO_DISK "disk"               /* 74: it is in force, but not durable yet */

#endif
