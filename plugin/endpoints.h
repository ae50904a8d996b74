/* SPDX-License-Identifier: BSD-2-Clause */
/* All endpoints of a service, when its configuration is another one. */
#ifndef PLUGIN_ENDPOINTS_H
#define PLUGIN_ENDPOINTS_H

#include <stdbool.h>

#include "plugin/listen.h"
#include "plugin/model.h"
#include "plugin/service.h"

/* What is to take the place of the service's own. */
struct endpoints {
	struct listeners socketmap, control, metrics;
};

/* Those of conf: what is open already is kept, the rest opened. False, with why; then,
 * too, they are to be dropped or adopted. */
bool endpoints_open(struct endpoints *next, const struct conf *conf,
    const struct service *service, char problem[MODEL_PROBLEM]);

/* They serve from now on; those that went are closed. */
void endpoints_adopt(struct endpoints *next, const struct service *service);

/* All that is new is closed again. */
void endpoints_drop(struct endpoints *next);

#endif
