/* SPDX-License-Identifier: BSD-2-Clause */
#include "source/store_impl.h"
void store_fold_consider(struct store *store) { (void)store; }
void store_fold_stop(struct store *store) { (void)store; }
