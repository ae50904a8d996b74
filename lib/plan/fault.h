/* SPDX-License-Identifier: BSD-2-Clause */
/* The faults of spec.md section 7, by number: who tells of one needs no string for it. */
#ifndef PLAN_FAULT_H
#define PLAN_FAULT_H

#include "danests.h"

/* In the order of danests_fault_at(). */
enum fault {
	FAULT_STARTTLS, FAULT_EXPIRED, FAULT_TLSA, FAULT_HANDSHAKE, FAULT_DNSSEC, FAULT_NAME,
	FAULT_DANE_NO_DNSSEC, FAULT_DANE_NO_TLSA, FAULT_DNS, FAULT_STS_UNTRUSTED,
	FAULT_STS_EXPIRED, FAULT_STS_NAME, FAULT_STS_MX, FAULT_STS_FETCH, FAULT_STS_INVALID,
	FAULT_STS_WEBPKI, FAULT_NOT_VERIFIED,
};

/* Static; never NULL. */
const struct danests_fault *fault_get(enum fault which);

#endif
