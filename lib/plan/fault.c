/* SPDX-License-Identifier: BSD-2-Clause */
/* spec.md section 7. The one place where these words and codes are written. */
#include "plan/fault.h"

#include <string.h>

#include "base/attr.h"

static const struct danests_fault faults[] = {
	[FAULT_STARTTLS] = {
		"starttls-not-supported", "4.7.321", DANESTS_STARTTLS_NOT_SUPPORTED,
		"Offer STARTTLS on every MX host and see that nothing in between removes it from"
		" the reply to EHLO." },
	[FAULT_EXPIRED] = {
		"certificate-expired", "4.7.322", DANESTS_CERTIFICATE_EXPIRED,
		"Renew the certificate and reload the mail server; with DANE-TA records (usage 2)"
		" dates count for the whole chain, the trust anchor included." },
	[FAULT_TLSA] = {
		"tlsa-invalid", "4.7.323", DANESTS_VALIDATION_FAILURE,
		"Publish a TLSA record that matches what the server shows, best 3 1 1 with the"
		" SHA2-256 digest of its public key, and drop those that match nothing." },
	[FAULT_HANDSHAKE] = {
		"tls-handshake-failure", "4.7.323", DANESTS_VALIDATION_FAILURE,
		"See the mail server's log: TLS 1.2 or 1.3 has to work with common ciphers and a"
		" readable key and certificate." },
	[FAULT_DNSSEC] = {
		"dnssec-invalid", "4.7.324", DANESTS_DNSSEC_INVALID,
		"Repair DNSSEC of the zone: DS at the parent, keys and signatures have to fit and"
		" must not be expired." },
	[FAULT_NAME] = {
		"certificate-host-mismatch", "4.7.325", DANESTS_CERTIFICATE_HOST_MISMATCH,
		"Put the name of the MX host into the certificate as a DNS name, or publish a"
		" DANE-EE record (3 1 1), for which names do not count." },
	[FAULT_DANE_NO_DNSSEC] = {
		"dane-required", "4.7.324", DANESTS_DANE_REQUIRED,
		"Sign the zones of the domain and of its MX hosts with DNSSEC: the sender demands"
		" DANE here." },
	[FAULT_DANE_NO_TLSA] = {
		"dane-required", "4.7.323", DANESTS_DANE_REQUIRED,
		"Publish usable TLSA records (usage 2 or 3) for every MX host: the sender demands"
		" DANE here." },
	[FAULT_DNS] = {
		"dns-query-failed", "4.4.312", DANESTS_SUCCESS,
		"See that every name server of the zone answers for this name and type; without an"
		" answer nobody can tell whether DANE is in force." },
	[FAULT_STS_UNTRUSTED] = {
		"sts-cert-untrusted", "4.7.5", DANESTS_CERTIFICATE_NOT_TRUSTED,
		"Use a certificate of a public certification authority on the MX host, and send"
		" its intermediate certificates along." },
	[FAULT_STS_EXPIRED] = {
		"sts-cert-expired", "4.7.5", DANESTS_CERTIFICATE_EXPIRED,
		"Renew the certificate of the MX host and reload the mail server." },
	[FAULT_STS_NAME] = {
		"sts-cert-host-mismatch", "4.7.5", DANESTS_CERTIFICATE_HOST_MISMATCH,
		"Put the name of the MX host, as it stands in the MX record, into the certificate"
		" as a DNS name; the common name does not count." },
	[FAULT_STS_MX] = {
		"sts-mx-not-in-policy", "4.4.8", DANESTS_VALIDATION_FAILURE,
		"Add the MX host to the MTA-STS policy and change the id of the TXT record at"
		" _mta-sts, or take the host out of the MX records." },
	[FAULT_STS_FETCH] = {
		"sts-policy-fetch-error", "", DANESTS_STS_POLICY_FETCH_ERROR,
		"Serve /.well-known/mta-sts.txt on the host mta-sts of the domain over HTTPS with"
		" status 200 and without redirects." },
	[FAULT_STS_INVALID] = {
		"sts-policy-invalid", "", DANESTS_STS_POLICY_INVALID,
		"Correct the policy file; 'danests lint sts-policy' names the line." },
	[FAULT_STS_WEBPKI] = {
		"sts-webpki-invalid", "", DANESTS_STS_WEBPKI_INVALID,
		"Give the host mta-sts of the domain a valid certificate of a public certification"
		" authority that has this name as a DNS name." },
	[FAULT_NOT_VERIFIED] = {
		"cert-not-verified", "4.7.5", DANESTS_VALIDATION_FAILURE,
		"Compare the server's certificate with its TLSA records and MTA-STS policy, for"
		" example with 'danests check'." },
};

const struct danests_fault *fault_get(enum fault which)
{
	return &faults[which];
}

ATTR_PUBLIC const struct danests_fault *danests_fault(const char *token)
{
	for (size_t i = 0; i < COUNT_OF(faults); i++) {
		if (strcmp(faults[i].token, token) == 0)
			return &faults[i];
	}
	return NULL;
}

ATTR_PUBLIC const struct danests_fault *danests_fault_at(size_t i)
{
	return i < COUNT_OF(faults) ? &faults[i] : NULL;
}
