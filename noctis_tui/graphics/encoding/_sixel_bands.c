/* Palette indices to sixel bytes, six rows of pixels at a time. */

#include "_sixel.h"

#define BAND 6
#define LONGEST_TOKEN 6 /* "!9999~" */
#define LONGEST_HEADER 5 /* "$#255" */
#define AT_ONCE 8 /* columns of one colour that are passed over together */
#define EVERY_BYTE(value) (UINT64_C(0x0101010101010101) * (value))

/* Neighbouring columns of a band in which one colour takes the same rows. */
typedef struct {
    uint16_t first, length;
    uint8_t rows;
} Run;

typedef struct {
    Py_ssize_t columns;
    Run *runs;                   /* of all colours, one after the other */
    uint8_t *open;               /* per column, the rows of which the last colour is still to come */
    uint32_t counts[COLORS];     /* pixels of each colour */
    Run *begins[COLORS], *ends[COLORS];
    uint8_t order[COLORS];       /* colours in the order they are painted */
    int used;
} Band;

static int reserve(Text *text, size_t more)
{
    if (text->room - text->length >= more)
        return 1;
    size_t room = (text->length + more) * 2;
    char *bytes = realloc(text->bytes, room);
    if (bytes == NULL)
        return 0;
    text->bytes = bytes;
    text->room = room;
    return 1;
}

static char *write_number(char *at, unsigned number)
{
    char digits[5];
    int count = 0;
    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    while (count)
        *at++ = digits[--count];
    return at;
}

static char *write_token(char *at, unsigned length, uint8_t rows)
{
    char sixel = (char)(63 + rows);
    if (length > 3) {
        *at++ = '!';
        at = write_number(at, length);
        *at++ = sixel;
        return at;
    }
    while (length--)
        *at++ = sixel;
    return at;
}

static inline uint64_t eight_bytes(const uint8_t *at)
{
    uint64_t bytes;
    memcpy(&bytes, at, sizeof bytes);
    return bytes;
}

static void count_colors(Band *band, const uint8_t *first, Py_ssize_t stride, int rows)
{
    const Py_ssize_t columns = band->columns;
    /* Two tables: a run of one colour must not wait for its own last increment. */
    uint32_t counts[2][COLORS] = {{0}};
    for (int row = 0; row < rows; row++) {
        const uint8_t *line = first + row * stride;
        Py_ssize_t x = 0;
        for (; columns - x >= AT_ONCE; x += AT_ONCE) {
            if (eight_bytes(line + x) == EVERY_BYTE(line[x])) {
                counts[0][line[x]] += AT_ONCE;
                continue;
            }
            for (int more = 0; more < AT_ONCE; more += 2) {
                counts[0][line[x + more]]++;
                counts[1][line[x + more + 1]]++;
            }
        }
        for (; x < columns; x++)
            counts[0][line[x]]++;
    }
    Run *begin = band->runs;
    band->used = 0;
    for (int color = 0; color < COLORS; color++) {
        band->counts[color] = counts[0][color] + counts[1][color];
        band->begins[color] = band->ends[color] = begin;
        begin += band->counts[color];
        if (band->counts[color])
            band->order[band->used++] = (uint8_t)color;
    }
}

static inline void add_run(Band *band, unsigned color, Py_ssize_t x, Py_ssize_t length, uint8_t rows)
{
    Run *end = band->ends[color];
    if (end > band->begins[color] && end[-1].first + end[-1].length == x && end[-1].rows == rows) {
        end[-1].length = (uint16_t)(end[-1].length + length);
        return;
    }
    *end = (Run){(uint16_t)x, (uint16_t)length, rows};
    band->ends[color] = end + 1;
}

/* The bytes of a word that equal a value, a bit each. */
static inline unsigned equal_bytes(uint64_t word, unsigned value)
{
    uint64_t differs = word ^ EVERY_BYTE(value);
    uint64_t high = (differs & EVERY_BYTE(0x7f)) + EVERY_BYTE(0x7f); /* no carry leaves its byte */
    uint64_t equal = ~(high | differs) >> 7 & EVERY_BYTE(1);
    return (unsigned)(equal * UINT64_C(0x0102040810204080) >> 56);
}

/* Columns that show the same colours, the topmost in the lowest byte. */
static inline void add_columns(Band *band, uint64_t colors, int rows, Py_ssize_t x, Py_ssize_t length)
{
    unsigned todo = (1u << rows) - 1;
    for (int row = 0; todo; row++) {
        if (!(todo >> row & 1))
            continue;
        unsigned color = colors >> (8 * row) & 0xff;
        unsigned own = equal_bytes(colors, color) & todo;
        todo &= ~own;
        add_run(band, color, x, length, (uint8_t)own);
    }
}

static inline uint64_t column_at(const uint8_t *first, Py_ssize_t stride, int rows)
{
    uint64_t colors = 0;
    for (int row = 0; row < rows; row++)
        colors |= (uint64_t)first[row * stride] << (8 * row);
    return colors;
}

/* Whether the next columns all show these colours. */
static inline int are_all(uint64_t colors, const uint8_t *first, Py_ssize_t stride, int rows)
{
    uint64_t differs = 0;
    for (int row = 0; row < rows; row++)
        differs |= eight_bytes(first + row * stride) ^ EVERY_BYTE(colors >> (8 * row) & 0xff);
    return differs == 0;
}

static inline void find_runs(Band *band, const uint8_t *first, Py_ssize_t stride, int rows)
{
    const Py_ssize_t columns = band->columns;
    uint64_t colors = column_at(first, stride, rows);
    Py_ssize_t begin = 0;
    for (Py_ssize_t x = 1; x < columns;) {
        if (columns - x >= AT_ONCE && are_all(colors, first + x, stride, rows)) {
            x += AT_ONCE;
            continue;
        }
        Py_ssize_t end = columns - x > AT_ONCE ? x + AT_ONCE : columns;
        for (; x < end; x++) {
            uint64_t next = column_at(first + x, stride, rows);
            if (next != colors) {
                add_columns(band, colors, rows, begin, x - begin);
                colors = next;
                begin = x;
            }
        }
    }
    add_columns(band, colors, rows, begin, columns - begin);
}

static void order_by_count(Band *band)
{
    for (int place = 1; place < band->used; place++) {
        uint8_t color = band->order[place];
        int at = place;
        for (; at && band->counts[band->order[at - 1]] < band->counts[color]; at--)
            band->order[at] = band->order[at - 1];
        band->order[at] = color;
    }
}

static char *write_header(char *at, char before, uint8_t color)
{
    if (before)
        *at++ = before;
    *at++ = '#';
    return write_number(at, color);
}

static char *write_runs(char *at, const Run *run, const Run *end)
{
    unsigned x = 0;
    for (; run < end; run++) {
        at = write_token(at, run->first - x, 0);
        at = write_token(at, run->length, run->rows);
        x = run->first + run->length;
    }
    return at;
}

/* The rows that are open in all of some columns. */
static uint8_t all_open(const uint8_t *open, unsigned begin, unsigned end, uint8_t needed, uint8_t among)
{
    for (; begin < end && (needed & ~among) == 0; begin++)
        among &= open[begin];
    return among;
}

/* Write one colour's runs, each as long as what later colours paint over lets it be. */
static char *write_runs_over_open(char *at, const Run *run, const Run *end, uint8_t *open)
{
    unsigned x = 0;
    while (run < end) {
        unsigned begin = run->first, finish = begin + run->length;
        uint8_t rows = run->rows;
        uint8_t allowed = all_open(open, begin, finish, rows, 0x3f);
        const Run *next = run + 1;
        for (; next < end; next++) {
            unsigned next_finish = next->first + next->length;
            uint8_t more = all_open(open, finish, next_finish, (uint8_t)(rows | next->rows), allowed);
            if ((rows | next->rows) & ~more)
                break;
            rows |= next->rows;
            allowed = more;
            finish = next_finish;
        }
        at = write_token(at, begin - x, 0);
        at = write_token(at, finish - begin, rows);
        x = finish;
        run = next;
    }
    return at;
}

static void close_rows(const Run *run, const Run *end, uint8_t *open)
{
    for (; run < end; run++) {
        uint8_t others = (uint8_t)~run->rows;
        for (unsigned x = run->first, after = x + run->length; x < after; x++)
            open[x] &= others;
    }
}

static int write_band(Band *band, Text *text, int is_first, int overpaint, int rows)
{
    size_t runs = 0;
    for (int place = 0; place < band->used; place++)
        runs += (size_t)(band->ends[band->order[place]] - band->begins[band->order[place]]);
    if (!reserve(text, runs * 2 * LONGEST_TOKEN + (size_t)band->used * LONGEST_HEADER + 2))
        return 0;
    char *at = text->bytes + text->length;
    if (overpaint) {
        order_by_count(band);
        memset(band->open, (1 << rows) - 1, (size_t)band->columns);
    }
    for (int place = 0; place < band->used; place++) {
        uint8_t color = band->order[place];
        const Run *run = band->begins[color], *end = band->ends[color];
        at = write_header(at, place ? '$' : is_first ? 0 : '-', color);
        if (overpaint && place + 1 < band->used) {
            at = write_runs_over_open(at, run, end, band->open);
            close_rows(run, end, band->open);
        } else {
            at = write_runs(at, run, end);
        }
    }
    text->length = (size_t)(at - text->bytes);
    return 1;
}

int write_bands(Text *text, const Py_buffer *indices, int overpaint, char *used)
{
    Py_ssize_t rows = indices->shape[0], stride = indices->strides[0];
    Band *band = malloc(sizeof *band);
    int is_done = band != NULL;
    if (band == NULL)
        return 0;
    band->columns = indices->shape[1];
    band->runs = malloc((size_t)band->columns * BAND * sizeof *band->runs);
    band->open = malloc((size_t)band->columns);
    is_done = band->runs != NULL && band->open != NULL;
    for (Py_ssize_t row = 0; is_done && row < rows; row += BAND) {
        const uint8_t *first = (const uint8_t *)indices->buf + row * stride;
        int height = rows - row < BAND ? (int)(rows - row) : BAND;
        count_colors(band, first, stride, height);
        if (height == BAND)
            find_runs(band, first, stride, BAND); /* a constant, so that the loops unroll */
        else
            find_runs(band, first, stride, height);
        is_done = write_band(band, text, row == 0, overpaint, height);
        for (int place = 0; place < band->used; place++)
            used[band->order[place]] = 1;
    }
    free(band->open);
    free(band->runs);
    free(band);
    return is_done;
}
