/* SPDX-License-Identifier: BSD-2-Clause */
/* Where we know no way that a program with these libraries could stand. */
#include "base/text.h"
#include "plugin/confine.h"

bool confine(const struct confine_paths *paths, char text[CONFINE_TEXT])
{
	(void)paths;
	text_format(text, CONFINE_TEXT, "not confined: danestsd does that on Linux only;"
	    " set user, or start it in a jail");
	return true;
}

bool confine_drop_capabilities(void) { return true; }
