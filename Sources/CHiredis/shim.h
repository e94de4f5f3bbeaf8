// SPDX-License-Identifier: Apache-2.0
#ifndef HEADROOM_CHIREDIS_SHIM_H
#define HEADROOM_CHIREDIS_SHIM_H

#include <hiredis/hiredis.h>

#endif
