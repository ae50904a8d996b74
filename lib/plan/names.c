/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers to words. The words of DANE and MTA-STS states are those of spec.md
 * section 4: they are logged and read again. */
#include "base/attr.h"
#include "danests.h"

struct name {
	int value;
	const char *text;
};

static const char *find(const struct name *names, size_t count, int value)
{
	for (size_t i = 0; i < count; i++) {
		if (names[i].value == value)
			return names[i].text;
	}
	return "?";
}

ATTR_PUBLIC const char *danests_strerror(int error)
{
	static const struct name names[] = {
		{ DANESTS_OK,        "no error" },
		{ DANESTS_ENOMEM,    "out of memory" },
		{ DANESTS_EINVAL,    "invalid argument" },
		{ DANESTS_ENAME,     "not a name that can be looked up" },
		{ DANESTS_EBUSY,     "too many lookups, or settings are frozen" },
		{ DANESTS_ERESOLVER, "no usable resolver or trust anchor" },
		{ DANESTS_ECACHE,    "cache is unreadable or not ours" },
		{ DANESTS_ETRUST,    "CA certificates are missing or unreadable" },
		{ DANESTS_ESYSTEM,   "system call failed" },
	};

	return find(names, COUNT_OF(names), error);
}

ATTR_PUBLIC const char *danests_level_name(enum danests_level level)
{
	static const struct name names[] = {
		{ DANESTS_LEVEL_NONE,    "none" },
		{ DANESTS_LEVEL_TESTING, "testing" },
		{ DANESTS_LEVEL_ENCRYPT, "encrypt" },
		{ DANESTS_LEVEL_STS,     "sts" },
		{ DANESTS_LEVEL_DANE,    "dane" },
		{ DANESTS_LEVEL_DEFER,   "defer" },
	};

	return find(names, COUNT_OF(names), level);
}

/* RFC 8460 4.3, as registered. */
ATTR_PUBLIC const char *danests_result_name(enum danests_result result)
{
	static const struct name names[] = {
		{ DANESTS_SUCCESS,                   "success" },
		{ DANESTS_STARTTLS_NOT_SUPPORTED,    "starttls-not-supported" },
		{ DANESTS_CERTIFICATE_HOST_MISMATCH, "certificate-host-mismatch" },
		{ DANESTS_CERTIFICATE_NOT_TRUSTED,   "certificate-not-trusted" },
		{ DANESTS_CERTIFICATE_EXPIRED,       "certificate-expired" },
		{ DANESTS_VALIDATION_FAILURE,        "validation-failure" },
		{ DANESTS_STS_POLICY_FETCH_ERROR,    "sts-policy-fetch-error" },
		{ DANESTS_STS_POLICY_INVALID,        "sts-policy-invalid" },
		{ DANESTS_STS_WEBPKI_INVALID,        "sts-webpki-invalid" },
		{ DANESTS_TLSA_INVALID,              "tlsa-invalid" },
		{ DANESTS_DNSSEC_INVALID,            "dnssec-invalid" },
		{ DANESTS_DANE_REQUIRED,             "dane-required" },
	};

	return find(names, COUNT_OF(names), result);
}

ATTR_PUBLIC const char *danests_dane_name(enum danests_dane dane)
{
	static const struct name names[] = {
		{ DANESTS_DANE_NONE,     "none" },
		{ DANESTS_DANE_FULL,     "full" },
		{ DANESTS_DANE_PARTIAL,  "partial" },
		{ DANESTS_DANE_HALF,     "half" },
		{ DANESTS_DANE_UNUSABLE, "unusable" },
		{ DANESTS_DANE_UNKNOWN,  "unknown" },
		{ DANESTS_DANE_BOGUS,    "bogus" },
		{ DANESTS_DANE_ERROR,    "error" },
	};

	return find(names, COUNT_OF(names), dane);
}

ATTR_PUBLIC const char *danests_sts_state_name(enum danests_sts_state state)
{
	static const struct name names[] = {
		{ DANESTS_STS_ABSENT,  "absent" },
		{ DANESTS_STS_NONE,    "none" },
		{ DANESTS_STS_TESTING, "testing" },
		{ DANESTS_STS_ENFORCE, "enforce" },
		{ DANESTS_STS_ERROR,   "error" },
	};

	return find(names, COUNT_OF(names), state);
}

ATTR_PUBLIC const char *danests_host_state_name(enum danests_host_state state)
{
	static const struct name names[] = {
		{ DANESTS_HOST_NONE,     "none" },
		{ DANESTS_HOST_USABLE,   "usable" },
		{ DANESTS_HOST_UNUSABLE, "unusable" },
		{ DANESTS_HOST_FAILED,   "failed" },
		{ DANESTS_HOST_GONE,     "gone" },
	};

	return find(names, COUNT_OF(names), state);
}
