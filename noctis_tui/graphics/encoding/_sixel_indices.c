/* Display values to palette indices, and the colours laid over them. */

#include "_sixel.h"

/* The display values that one index stands for: one pixel, or the mean of a block of scale x scale. */
static unsigned mean_of_block(const uint8_t *first, Py_ssize_t stride, Py_ssize_t rows, Py_ssize_t columns)
{
    unsigned sum = 0, count = (unsigned)(rows * columns);
    for (Py_ssize_t row = 0; row < rows; row++)
        for (Py_ssize_t x = 0; x < columns; x++)
            sum += first[row * stride + x];
    return (sum + count / 2) / count;
}


/* Pointers that share nothing: else every byte written might have changed the tables. */
static void index_row(const Steps *steps, const uint8_t *restrict pixels, Py_ssize_t columns, Py_ssize_t row,
                      uint8_t *restrict out)
{
    const uint16_t *restrict table = steps->table;
    const uint8_t *noise = (const uint8_t *)steps->noise.buf + row % steps->noise.shape[0] * steps->noise.strides[0];
    Py_ssize_t width = steps->noise.shape[1];
    for (Py_ssize_t begin = 0; begin < columns; begin += width) {
        Py_ssize_t count = columns - begin < width ? columns - begin : width;
        for (Py_ssize_t x = 0; x < count; x++) {
            unsigned entry = table[pixels[begin + x]];
            out[begin + x] = (uint8_t)((entry >> 8) + ((entry & 0xff) > noise[x]));
        }
    }
}

static void index_blocks(const Steps *steps, const Py_buffer *pixels, Py_ssize_t scale, const Py_buffer *out)
{
    Py_ssize_t rows = pixels->shape[0], columns = pixels->shape[1], stride = pixels->strides[0];
    for (Py_ssize_t row = 0; row < rows; row += scale) {
        const uint8_t *line = (const uint8_t *)pixels->buf + row * stride;
        uint8_t *out_line = (uint8_t *)out->buf + row * out->strides[0];
        Py_ssize_t height = rows - row < scale ? rows - row : scale;
        const uint8_t *noise =
            (const uint8_t *)steps->noise.buf + row / scale % steps->noise.shape[0] * steps->noise.strides[0];
        for (Py_ssize_t x = 0; x < columns; x += scale) {
            Py_ssize_t width = columns - x < scale ? columns - x : scale;
            unsigned entry = steps->table[mean_of_block(line + x, stride, height, width)];
            int index = (int)(entry >> 8) + ((entry & 0xff) > noise[x / scale % steps->noise.shape[1]]);
            memset(out_line + x, index, (size_t)width);
        }
        for (Py_ssize_t more = 1; more < height; more++)
            memcpy(out_line + more * out->strides[0], out_line, (size_t)columns);
    }
}

void index_pixels(const Steps *steps, const Py_buffer *pixels, Py_ssize_t scale, const Py_buffer *out)
{
    if (scale > 1) {
        index_blocks(steps, pixels, scale, out);
        return;
    }
    for (Py_ssize_t row = 0; row < pixels->shape[0]; row++)
        index_row(steps, (const uint8_t *)pixels->buf + row * pixels->strides[0], pixels->shape[1], row,
                  (uint8_t *)out->buf + row * out->strides[0]);
}

void count_values(const Py_buffer *picture, uint64_t *counts)
{
    uint64_t even[COLORS] = {0};
    memset(counts, 0, COLORS * sizeof *counts);
    for (Py_ssize_t row = 0; row < picture->shape[0]; row++) {
        const uint8_t *line = (const uint8_t *)picture->buf + row * picture->strides[0];
        Py_ssize_t x = 0;
        for (; x + 1 < picture->shape[1]; x += 2) {
            even[line[x]]++;
            counts[line[x + 1]]++;
        }
        if (x < picture->shape[1])
            even[line[x]]++;
    }
    for (int value = 0; value < COLORS; value++)
        counts[value] += even[value];
}

void paint_over(const Py_buffer *overlay, const uint8_t *restrict index_of, const Py_buffer *out)
{
    for (Py_ssize_t row = 0; row < overlay->shape[0]; row++) {
        const uint8_t *restrict line = (const uint8_t *)overlay->buf + row * overlay->strides[0];
        uint8_t *restrict out_line = (uint8_t *)out->buf + row * out->strides[0];
        const Py_ssize_t columns = overlay->shape[1];
        for (Py_ssize_t x = 0; x < columns; x++)
            out_line[x] = line[x] ? index_of[line[x]] : out_line[x];
    }
}
