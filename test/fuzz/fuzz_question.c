/* SPDX-License-Identifier: BSD-2-Clause */
/* A question's text is a key: whatever is read is written back octet by octet. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "danests.h"
#include "plan/question.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[QUESTION_TEXT_MAX + 1];
	struct question q, again;

	if (question_parse(&q, (const char *)data, size) != DANESTS_OK)
		return 0;
	if (question_text(&q, text) != size || memcmp(text, data, size) != 0)
		abort();
	if (question_parse(&again, text, size) != DANESTS_OK || !question_equal(&q, &again))
		abort();
	return 0;
}
