/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The timing model alone, on the command line: ring 0 without a device
 *
 *     cx6dx-model params             its parameters, one a line
 *     cx6dx-model points             what it says where a figure is published
 *     cx6dx-model load NAME=VALUE... what a load on the send side is bound by
 *
 * Columns are separated by tabs.  "points" tells what the model does, never what
 * it should do: scripts/cx6dx bench timing holds the published figures against
 * it.  Names for "load" are those of the parameters, "profile", and:
 * connections, record (bytes of a TLS record), mss, loss (of 10000 packets),
 * window (records under way), records (how many).
 */
#include "qemu/osdep.h"
#include "pure/timing.h"

enum {
    HEADERS = 54,
    WQE_BYTES = 192,
    CQE_BYTES = 64,
    RECORD_EXTRA = 5 + 8 + 16,  /* TLS 1.2: header, explicit nonce, tag */
    PARAMS_WQE_BYTES = 128,     /* static and progress parameters */
    IDS = 1 << 18,
};

static Cx6dxTiming *model_new(const Cx6dxTimingParams *params)
{
    Cx6dxTiming *timing = g_new0(Cx6dxTiming, 1);

    cx6dx_timing_init(timing, params);
    return timing;
}

static void model_free(Cx6dxTiming *timing)
{
    cx6dx_timing_free(timing);
    g_free(timing);
}

static Cx6dxTimingParams profile(Cx6dxTimingProfile which)
{
    Cx6dxTimingParams params = { .enabled = true };

    cx6dx_timing_use_profile(&params, which);
    return params;
}

/* ---- Parameters ---- */

static void print_params(void)
{
    printf("name\tunit\tlimits\tmark\tsource\twhat");
    for (unsigned i = 0; i < CX6DX_TIMING_PROFILES; i++) {
        printf("\t%s", cx6dx_timing_profile_str(i));
    }
    printf("\n");
    for (const Cx6dxTimingParam *param = cx6dx_timing_table(); param->name;
         param++) {
        g_autofree char *limits = cx6dx_timing_limits(param);

        printf("%s\t%s\t%s\t%s\t%s\t%s", param->name, param->unit, limits,
               cx6dx_timing_mark_str(param->mark), param->source, param->what);
        for (unsigned i = 0; i < CX6DX_TIMING_PROFILES; i++) {
            printf("\t%u", param->value[i]);
        }
        printf("\n");
    }
}

/* ---- A load on the send side ---- */

typedef struct Load {
    Cx6dxTimingParams params;
    uint32_t connections;
    uint32_t record;            /* payload bytes; 0: no TLS */
    uint32_t mss;
    uint32_t loss;              /* of 10000 packets */
    uint32_t window;
    uint32_t records;
    uint32_t seed;
} Load;

typedef struct LoadResult {
    uint64_t end_ns;
    uint64_t payload_bytes;
    uint64_t wire_bytes;        /* of frames, without what is between them */
    uint64_t losses, dumps;
    uint64_t latency_ns;        /* of a record, on average */
} LoadResult;

static const Load load_default = {
    .connections = 1,
    .record = 16384,
    .mss = 1448,
    .window = 256,
    .records = 20000,
    .seed = 1,
};

static uint32_t random_below(Load *load, uint32_t n)
{
    load->seed = load->seed * 1664525 + 1013904223;
    return (uint64_t)load->seed * n >> 32;
}

/*
 * A lost packet was at a random place in its record.  To send it again the
 * context goes back: parameters, and the record up to there as DUMPs of one
 * packet's size; then it goes forward the same way to where the stream was.
 */
static void recover(Load *load, Cx6dxTiming *timing, uint64_t at_ns, uint32_t id,
                    Cx6dxTimingFlow *flow, LoadResult *result)
{
    for (unsigned way = 0; way < 2; way++) {
        uint32_t left = random_below(load, load->record + RECORD_EXTRA);

        at_ns = cx6dx_timing_dma_read(timing, CX6DX_TIMING_SEND_WQE, at_ns,
                                      2 * PARAMS_WQE_BYTES);
        at_ns = cx6dx_timing_context(timing, at_ns, id, flow);
        while (left) {
            uint32_t bytes = MIN(left, load->mss);

            cx6dx_timing_dma_read(timing, CX6DX_TIMING_SEND_WQE, at_ns, 64);
            cx6dx_timing_dma_read(timing, CX6DX_TIMING_RECOVERY, at_ns, bytes);
            cx6dx_timing_recover(timing, at_ns, bytes, flow);
            result->dumps++;
            left -= bytes;
        }
    }
    result->losses++;
}

/* One record: returns when its last frame has left; counts those that are lost */
static uint64_t send_record(Load *load, Cx6dxTiming *timing, uint64_t at_ns,
                            uint32_t id, uint64_t *order, Cx6dxTimingFlow *flow,
                            uint32_t *lost, LoadResult *result)
{
    uint32_t left = load->record ? load->record + RECORD_EXTRA : 16384;
    uint64_t from_ns, end_ns = at_ns;

    result->payload_bytes += load->record ? load->record : left;
    from_ns = cx6dx_timing_doorbell(timing, at_ns);
    from_ns = cx6dx_timing_dma_read(timing, CX6DX_TIMING_SEND_WQE, from_ns,
                                    WQE_BYTES);
    cx6dx_timing_tx_begin(timing, at_ns, from_ns, order);
    if (load->record) {
        cx6dx_timing_tx_tls(timing, id, HEADERS, flow);
    }
    from_ns = cx6dx_timing_dma_read(timing, CX6DX_TIMING_SEND_DATA, from_ns,
                                    left);
    while (left) {
        uint32_t bytes = MIN(left, load->mss);

        end_ns = cx6dx_timing_tx_frame(timing, from_ns, HEADERS + bytes);
        result->wire_bytes += HEADERS + bytes;
        left -= bytes;
        if (load->record && random_below(load, 10000) < load->loss) {
            ++*lost;
        }
    }
    cx6dx_timing_dma_write(timing, CX6DX_TIMING_CQE, from_ns, CQE_BYTES);
    return end_ns;
}

/*
 * `window` records are under way at any time, of all connections in turn.  What was
 * lost of one is sent again before the next one takes its place.
 */
static LoadResult run_load(Load *load, Cx6dxTiming *timing)
{
    g_autofree uint64_t *ends = g_new0(uint64_t, load->window);
    g_autofree uint64_t *orders = g_new0(uint64_t, load->window);
    g_autofree uint32_t *lost = g_new0(uint32_t, load->window);
    g_autofree Cx6dxTimingFlow *flows = g_new0(Cx6dxTimingFlow,
                                               load->connections);
    LoadResult result = { 0 };
    uint64_t sum = 0;

    for (uint32_t i = 0; i < load->records; i++) {
        uint32_t slot = i % load->window;
        uint32_t id = i % load->connections;
        uint64_t at = ends[slot];

        for (; lost[slot]; lost[slot]--) {
            recover(load, timing, at, id, &flows[id], &result);
        }
        ends[slot] = send_record(load, timing, at, id, &orders[slot], &flows[id],
                                 &lost[slot], &result);
        sum += ends[slot] - at;
        result.end_ns = MAX(result.end_ns, ends[slot]);
    }
    result.latency_ns = sum / load->records;
    return result;
}

static double gbps(uint64_t bytes, uint64_t ns)
{
    return 8.0 * bytes / ns;
}

static bool set_word(Load *load, const char *name, uint64_t value)
{
    const struct {
        const char *name;
        uint32_t *field;
        uint64_t min, max;
    } words[] = {
        { "connections", &load->connections, 1, IDS },
        { "record", &load->record, 0, 16384 },
        { "mss", &load->mss, 64, 9000 },
        { "loss", &load->loss, 0, 10000 },
        { "window", &load->window, 1, 4096 },
        { "records", &load->records, 1, 100000000 },
        { "seed", &load->seed, 0, UINT32_MAX },
    };
    const Cx6dxTimingParam *param = cx6dx_timing_find(name);

    if (param && cx6dx_timing_value_ok(param, value)) {
        cx6dx_timing_set(&load->params, param, value);
        return true;
    }
    for (unsigned i = 0; i < ARRAY_SIZE(words); i++) {
        if (!strcmp(words[i].name, name)) {
            *words[i].field = value;
            return value >= words[i].min && value <= words[i].max;
        }
    }
    return false;
}

static bool set_option(Load *load, const char *option)
{
    g_auto(GStrv) pair = g_strsplit(option, "=", 2);
    Cx6dxTimingProfile which;
    uint64_t value;

    if (g_strv_length(pair) != 2) {
        return false;
    }
    if (!strcmp(pair[0], "profile")) {
        which = cx6dx_timing_profile_find(pair[1]);
        if (which < CX6DX_TIMING_PROFILES) {
            cx6dx_timing_use_profile(&load->params, which);
        }
        return which < CX6DX_TIMING_PROFILES;
    }
    return g_ascii_string_to_unsigned(pair[1], 10, 0, UINT32_MAX, &value,
                                      NULL) &&
           set_word(load, pair[0], value);
}

static int print_load(int n, char **options)
{
    Cx6dxTimingNumber number;
    Load load = load_default;
    Cx6dxTiming *timing;
    LoadResult result;

    load.params = profile(CX6DX_TIMING_CX6DX_GEN4X16);
    for (int i = 0; i < n; i++) {
        if (!set_option(&load, options[i])) {
            fprintf(stderr, "cx6dx-model: '%s' is no option, or beyond its "
                    "limits\n", options[i]);
            return 2;
        }
    }
    timing = model_new(&load.params);
    result = run_load(&load, timing);
    printf("gbps\t%.4f\n", gbps(result.payload_bytes, result.end_ns));
    printf("end_ns\t%" PRIu64 "\n", result.end_ns);
    printf("latency_ns\t%" PRIu64 "\n", result.latency_ns);
    printf("losses\t%" PRIu64 "\n", result.losses);
    printf("dumps\t%" PRIu64 "\n", result.dumps);
    for (size_t k = 0; cx6dx_timing_number(timing, k, &number); k++) {
        printf("%s\t%" PRIu64 "\n", number.name, number.value);
    }
    model_free(timing);
    return 0;
}

/* ---- Points ---- */

enum { STEADY_BYTES = 1000000 };

/* Gb/s of the time between the first and the last end: the steady rate */
static double dma_rate(const Cx6dxTimingParams *params, uint32_t size,
                       bool write, bool read)
{
    Cx6dxTiming *timing = model_new(params);
    uint32_t n = MAX(200, STEADY_BYTES / size);
    uint64_t busy;

    for (uint32_t i = 0; i < n; i++) {
        if (write) {
            cx6dx_timing_dma_write(timing, CX6DX_TIMING_RECV_DATA, 0, size);
        }
        if (read) {
            cx6dx_timing_dma_read(timing, CX6DX_TIMING_SEND_DATA, 0, size);
        }
    }
    busy = MAX(timing->pcie.up.busy_ps, timing->pcie.down.busy_ps);
    model_free(timing);
    return 8000.0 * size * n / busy;
}

static void pcie_points(void)
{
    static const uint32_t sizes[] = {
        1, 4, 8, 16, 32, 64, 65, 128, 200, 256, 257, 512, 1000, 1024, 1448,
        1500, 2048, 4096, 8192, 9000, 16384, 32768, 65536,
    };

    for (unsigned i = 0; i < 3 * 3 * 3 * 6; i++) {
        Cx6dxTimingParams params = profile(CX6DX_TIMING_IDEAL);

        params.pcie_gen = 3 + i % 3;
        params.pcie_lanes = 4 << i / 3 % 3;
        params.pcie_mps_bytes = 128 << i / 9 % 3;
        params.pcie_mrrs_bytes = 128 << i / 27;
        for (unsigned s = 0; s < ARRAY_SIZE(sizes); s++) {
            for (unsigned way = 1; way <= 3; way++) {
                printf("pcie\t%u\t%u\t%u\t%u\t%u\t%s\t%.6f\n", params.pcie_gen,
                       params.pcie_lanes, params.pcie_mps_bytes,
                       params.pcie_mrrs_bytes, sizes[s],
                       way == 1 ? "write" : way == 2 ? "read" : "both",
                       dma_rate(&params, sizes[s], way & 1, way & 2));
            }
        }
    }
}

static void latency_points(void)
{
    static const uint32_t sizes[] = { 8, 64, 128, 256, 512, 1024, 1520, 2048 };
    Cx6dxTimingParams params = profile(CX6DX_TIMING_NFP_GEN3X8);

    for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
        Cx6dxTiming *timing = model_new(&params);

        printf("latency\t%u\t%" PRIu64 "\n", sizes[i],
               cx6dx_timing_dma_read(timing, CX6DX_TIMING_SEND_DATA, 0,
                                     sizes[i]));
        model_free(timing);
    }
    for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
        Cx6dxTiming *timing = model_new(&params);
        uint64_t seen_ns;

        seen_ns = cx6dx_timing_dma_write(timing, CX6DX_TIMING_RECV_DATA, 0,
                                         sizes[i]);
        seen_ns = cx6dx_timing_seen(timing, seen_ns);
        printf("write-read\t%u\t%" PRIu64 "\n", sizes[i],
               cx6dx_timing_dma_read(timing, CX6DX_TIMING_SEND_DATA, seen_ns,
                                     sizes[i]));
        model_free(timing);
    }
}

static void tag_points(void)
{
    for (uint32_t tags = 1; tags <= 256; tags *= 2) {
        for (uint32_t mrrs = 128; mrrs <= 1024; mrrs *= 2) {
            Cx6dxTimingParams params = profile(CX6DX_TIMING_CX6DX_GEN3X16);
            Cx6dxTiming *timing = NULL;
            uint64_t alone, first = 0, last = 0;
            const uint32_t n = 20000;

            params.pcie_mrrs_bytes = mrrs;
            params.pcie_tags = tags;
            timing = model_new(&params);
            alone = cx6dx_pcie_read(&timing->pcie, 0, mrrs);
            cx6dx_timing_reset(timing);
            for (uint32_t i = 0; i < n; i++) {
                last = cx6dx_pcie_read(&timing->pcie, 0, mrrs);
                first = i == tags - 1 ? last : first;
            }
            printf("tags\t%u\t%u\t%" PRIu64 "\t%.4f\n", tags, mrrs, alone,
                   8000.0 * mrrs * (n - tags) / (last - first));
            model_free(timing);
        }
    }
}

/* Frames of `size` bytes, FCS included, as Ethernet counts */
static void wire_points(void)
{
    static const uint32_t speeds[] = { 10, 25, 40, 50, 100, 200 };
    static const uint32_t sizes[] = {
        64, 65, 128, 256, 512, 1024, 1280, 1518, 4096, 9000,
    };

    for (unsigned i = 0; i < ARRAY_SIZE(speeds) * ARRAY_SIZE(sizes); i++) {
        Cx6dxTimingParams params = profile(CX6DX_TIMING_IDEAL);
        uint32_t size = sizes[i % ARRAY_SIZE(sizes)];
        const uint32_t n = 20000;
        Cx6dxTiming *timing;
        uint64_t end = 0;

        params.link_mbps = speeds[i / ARRAY_SIZE(sizes)] * 1000;
        timing = model_new(&params);
        for (uint32_t k = 0; k < n; k++) {
            end = cx6dx_timing_wire_tx(timing, 0, size - 4);
        }
        printf("wire\t%u\t%u\t%.6f\n", params.link_mbps / 1000, size,
               8.0 * size * n / end);
        model_free(timing);
    }
}

static void cache_points(void)
{
    for (uint32_t connections = 64; connections <= 131072; connections *= 2) {
        Load tls = load_default, plain = load_default;
        LoadResult with, without;
        Cx6dxTiming *timing;
        double misses;

        tls.params = plain.params = profile(CX6DX_TIMING_CX6DX_GEN3X16);
        tls.connections = plain.connections = connections;
        tls.records = plain.records = MAX(20000, 2 * connections);
        plain.record = 0;
        timing = model_new(&plain.params);
        without = run_load(&plain, timing);
        model_free(timing);
        timing = model_new(&tls.params);
        with = run_load(&tls, timing);
        misses = 1.0 * timing->contexts.misses / tls.records;
        model_free(timing);
        printf("cache\t%u\t%.4f\t%.4f\t%.4f\n", connections,
               gbps(with.payload_bytes, with.end_ns),
               gbps(without.payload_bytes, without.end_ns), misses);
    }
}

/* Connections a second, by which of their commands are spared */
static void setup_points(void)
{
    static const char *const names[] = { "plain", "tis-pool", "dek-pool" };
    enum { N = 10000, BULK = 128 };

    for (unsigned way = 0; way < 3; way++) {
        Cx6dxTimingParams params = profile(CX6DX_TIMING_CX6DX_GEN4X16);
        Cx6dxTiming *timing = model_new(&params);
        uint64_t end = 0;

        for (unsigned i = 0; i < N; i++) {
            if (way == 0) {
                cx6dx_timing_command(timing, 0, CX6DX_FW_TIS_CREATE, 1);
                cx6dx_timing_command(timing, 0, CX6DX_FW_TIS_DESTROY, 1);
            }
            if (way < 2) {
                cx6dx_timing_command(timing, 0, CX6DX_FW_DEK_CREATE, 1);
                end = cx6dx_timing_command(timing, 0, CX6DX_FW_DEK_DESTROY, 1);
                continue;
            }
            /* the keys of a pool come and go in bulks, and are synced so */
            if (i % BULK == 0) {
                cx6dx_timing_command(timing, 0, CX6DX_FW_DEK_CREATE, BULK);
                cx6dx_timing_command(timing, 0, CX6DX_FW_DEK_DESTROY, 1);
                cx6dx_timing_command(timing, 0, CX6DX_FW_OTHER, 1);
            }
            end = cx6dx_timing_command(timing, 0, CX6DX_FW_DEK_MODIFY, 1);
        }
        printf("setup\t%s\t%.1f\n", names[way], 1e9 * N / end);
        model_free(timing);
    }
}

static void recovery_points(void)
{
    static const uint32_t loss[] = { 10, 50, 100, 200, 300, 400, 500 };

    for (unsigned i = 0; i < ARRAY_SIZE(loss); i++) {
        Load load = load_default;
        LoadResult result;
        Cx6dxTiming *timing;

        load.params = profile(CX6DX_TIMING_CX6DX_GEN3X16);
        load.loss = loss[i];
        timing = model_new(&load.params);
        result = run_load(&load, timing);
        printf("recovery\t%.2f\t%.1f\t%.2f\t%.4f\t%.4f\n", loss[i] / 100.0,
               1.0 * timing->recovery_bytes / result.losses,
               1.0 * result.dumps / result.losses,
               1.0 * timing->recovery_bytes / result.payload_bytes,
               gbps(result.payload_bytes, result.end_ns));
        model_free(timing);
    }
}

int main(int argc, char **argv)
{
    if (argc == 2 && !strcmp(argv[1], "params")) {
        print_params();
        return 0;
    }
    if (argc == 2 && !strcmp(argv[1], "points")) {
        pcie_points();
        latency_points();
        tag_points();
        wire_points();
        cache_points();
        setup_points();
        recovery_points();
        return 0;
    }
    if (argc >= 2 && !strcmp(argv[1], "load")) {
        return print_load(argc - 2, argv + 2);
    }
    fprintf(stderr, "usage: cx6dx-model params | points | load NAME=VALUE...\n");
    return 2;
}
