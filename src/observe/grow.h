/* Room for one more item in a {items, count, size} array: doubles. The cap is the caller's, checked before. */
#ifndef CD_OBSERVE_GROW_H
#define CD_OBSERVE_GROW_H

#include "base/memory.h"

#define CD_GROW(array)                                                                                                 \
    do {                                                                                                               \
        if ((array).count == (array).size) {                                                                           \
            (array).size = (array).size ? (array).size * 2 : 64;                                                       \
            (array).items = cd_realloc((array).items, (array).size, sizeof *(array).items);                            \
        }                                                                                                              \
    } while (0)

#endif
