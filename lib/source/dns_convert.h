/* SPDX-License-Identifier: BSD-2-Clause */
/* A parsed reply to an answer. Pure. */
#ifndef SOURCE_DNS_CONVERT_H
#define SOURCE_DNS_CONVERT_H

#include "parse/dnsmsg.h"
#include "plan/answer.h"

/*
 * N10: the reply ends at an alias; neither records of its target nor a denial
 * are there. The target has to be asked.
 */
bool dns_unfinished(const struct dnsmsg *msg);

/* Never NULL; FAILED when the records make no sense. ttl: smallest of the links
 * that led here. */
struct answer *dns_convert(enum question_kind kind, const struct dnsmsg *msg, bool secure,
    uint32_t ttl, time_t now);

/* The boiled-down form of what libunbound says about a bogus answer: what a
 * postmaster needs. */
#define DNS_WHY 121
void dns_why_bogus(const char *text, char out[DNS_WHY]);

#endif
