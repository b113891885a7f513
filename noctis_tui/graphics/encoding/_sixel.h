/* What the loops of sixel pictures offer to the module that Python sees.

   Optional: noctis_tui/graphics/encoding/sixel.py and dither.py do the same in numpy, slower. Nothing is kept between
   calls, and the interpreter is free while a loop runs. */

#ifndef NOCTIS_SIXEL_H
#define NOCTIS_SIXEL_H

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define COLORS 256

/* Bytes that grow; whoever began them frees them. */
typedef struct {
    char *bytes;
    size_t length, room;
} Text;

/* How display values become palette indices. */
typedef struct {
    uint16_t table[COLORS]; /* the level below in the high byte, the chance of the one above in the low one */
    Py_buffer noise;        /* thresholds, repeated in both directions */
} Steps;

/* Write the bands of a sixel picture, and a byte for each register that says whether it is used; 0 without memory. */
int write_bands(Text *text, const Py_buffer *indices, int overpaint, char *used);

void index_pixels(const Steps *steps, const Py_buffer *pixels, Py_ssize_t scale, const Py_buffer *out);
void count_values(const Py_buffer *picture, uint64_t *counts);
void paint_over(const Py_buffer *overlay, const uint8_t *restrict index_of, const Py_buffer *out);

#endif
