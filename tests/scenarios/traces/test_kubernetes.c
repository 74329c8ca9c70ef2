/* SPDX-License-Identifier: Apache-2.0 */
/* What kubectl prints, by the rules at the heads of format_kubernetes.c and kubernetes_pod.h. */
#include "tests/imported.h"

#include <string.h>

/* A list of objects, each without its braces. */
static struct import_report import_list(const char *const *objects, struct workload *w)
{
    static char list[40000];
    size_t n = (size_t)sprintf(list, "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[");
    for (size_t i = 0; objects[i]; i++)
        n += (size_t)snprintf(list + n, sizeof list - n, "%s{%s}", i ? "," : "", objects[i]);
    assert_true(n < sizeof list - 3);
    strcpy(list + n, "]}");
    return import_text("kubernetes", list, NULL, w);
}

#define META(name, more)                                                                           \
    "\"kind\":\"Pod\",\"metadata\":{\"name\":\"" name "\",\"namespace\":\"ml\","                   \
    "\"creationTimestamp\":\"2026-03-01T00:00:00Z\"" more "}"
#define LABELS(pairs) ",\"labels\":{" pairs "}"
#define GPUS(n)                                                                                    \
    "\"containers\":[{\"resources\":{\"limits\":{\"nvidia.com/gpu\":\"" #n "\"},\"requests\":{"    \
    "\"cpu\":\"500m\",\"memory\":\"1Gi\"}}}]"
/* Scheduled at 00:MM, containers from 00:FF on, ended at 01:EE. */
#define RAN(scheduled, from, to)                                                                   \
    "\"status\":{\"phase\":\"Succeeded\",\"conditions\":[{\"type\":\"PodScheduled\",\"status\":"   \
    "\"True\",\"lastTransitionTime\":\"2026-03-01T00:" scheduled ":00Z\"}],\"containerStatuses\":" \
    "[{\"state\":{\"terminated\":{\"startedAt\":\"2026-03-01T00:" from                             \
    ":00Z\",\"finishedAt\":\"2026-03-01T01:" to ":00Z\"}}}]}"
#define RUNNING                                                                                    \
    "\"status\":{\"phase\":\"Running\",\"conditions\":[{\"type\":\"PodScheduled\",\"status\":"     \
    "\"True\",\"lastTransitionTime\":\"2026-03-01T00:01:00Z\"}],\"containerStatuses\":[{"          \
    "\"state\":{\"running\":{\"startedAt\":\"2026-03-01T00:02:00Z\"}}}]}"
#define PENDING "\"status\":{\"phase\":\"Pending\"}"

static int64_t minutes(int64_t us) { return us / US_PER_S / 60; }

static void single_pods(void **state)
{
    static const char *const objects[] = {
        META("done", "") ",\"spec\":{" GPUS(
            8) ",\"priority\":1000,\"priorityClassName\":\"high\","
               "\"nodeSelector\":{\"nvidia.com/gpu.product\":"
               "\"NVIDIA-H100-80GB-HBM3\",\"zone\":\"a\"}}," RAN("05", "10", "10"),
        META("runs",
             LABELS("\"kueue.x-k8s.io/queue-name\":\"train\"")) ",\"spec\":{" GPUS(1) "}," RUNNING,
        META("waits", "") ",\"spec\":{" GPUS(2) "}," PENDING,
        META("nothing", "") ",\"spec\":{}",
        "\"kind\":\"Pod\",\"metadata\":{\"name\":\"undated\"}",
        META("agent",
             ",\"ownerReferences\":[{\"kind\":\"DaemonSet\",\"name\":\"d\"}]") ","
                                                                               "\"spec\":{}",
        META("etcd", ",\"ownerReferences\":[{\"kind\":\"Node\",\"name\":\"n\"}]") ",\"spec\":{}",
        "\"kind\":\"Service\"",
        "\"metadata\":7",
        NULL,
    };
    struct workload w;
    (void)state;
    struct import_report r = import_list(objects, &w);
    assert_int_equal(r.rows, 9);
    assert_int_equal(w.job_n, 4);
    assert_int_equal(reason_count(&r, "pod without creationTimestamp"), 1);
    assert_int_equal(reason_count(&r, "pod that comes with its node (DaemonSet or static)"), 2);
    assert_int_equal(reason_count(&r, "object that is neither a Pod nor a Job"), 2);
    assert_int_equal(w.t0_unix_us, INT64_C(1772323200) * US_PER_S);
    size_t j = job_named(&w, "done");
    assert_int_equal(minutes(w.start_us[j]), 5); /* it holds its GPUs while images are pulled */
    assert_int_equal(minutes(w.run_us[j]), 65);
    assert_int_equal(w.gpu_milli[j], 8000);
    assert_int_equal(w.cpu_milli[j], 500);
    assert_int_equal(w.mem_mib[j], 1024);
    assert_int_equal(w.priority[j], 1000);
    assert_int_equal(w.status[j], JOB_COMPLETED);
    assert_string_equal(tenant_of(&w, j), "ml");
    assert_string_equal(queue_of_job(&w, j), "high");
    assert_string_equal(types_of(&w, j), "NVIDIA-H100-80GB-HBM3");
    j = job_named(&w, "runs");
    assert_int_equal(w.status[j], JOB_RUNNING_AT_END);
    assert_int_equal(minutes(w.run_us[j]), 69); /* to the end of the pod above, 01:10 */
    assert_string_equal(queue_of_job(&w, j), "train");
    assert_int_equal(reason_count(&r, "still running: counted to the last moment of the list"), 1);
    j = job_named(&w, "waits");
    assert_int_equal(w.status[j], JOB_NEVER_STARTED);
    assert_int_equal(w.gpu_milli[j], 2000);
    assert_int_equal(w.status[job_named(&w, "nothing")], JOB_NEVER_STARTED);
    workload_free(&w);
}

/* kubernetes.io, "Resource sharing within containers". */
static void effective_requests(void **state)
{
    static const struct {
        const char *spec;
        int gpu_milli, cpu_milli, mem_mib;
    } cases[] = {
        { "\"containers\":[{\"resources\":{\"requests\":{\"cpu\":\"1\",\"memory\":\"1Gi\"}}},"
          "{\"resources\":{\"limits\":{\"cpu\":2,\"memory\":\"1G\",\"nvidia.com/gpu\":1}}}]",
          1000, 3000, 1977 },
        /* A request stands before its limit. */
        { "\"containers\":[{\"resources\":{\"requests\":{\"cpu\":\"250m\"},\"limits\":{\"cpu\":"
          "\"4\"}}}]",
          0, 250, 0 },
        /* An init container counts where it asks for more than all the others. */
        { "\"initContainers\":[{\"resources\":{\"requests\":{\"cpu\":\"4\",\"memory\":\"64Mi\","
          "\"nvidia.com/gpu\":1}}}],\"containers\":[{\"resources\":{\"requests\":{\"cpu\":\"1\","
          "\"memory\":\"128Mi\"}}}]",
          1000, 4000, 128 },
        /* A sidecar runs on beside the containers, and beside later init containers. */
        { "\"initContainers\":[{\"restartPolicy\":\"Always\",\"resources\":{\"requests\":{\"cpu\":"
          "\"2\"}}},{\"resources\":{\"requests\":{\"cpu\":\"3\"}}}],\"containers\":[{\"resources\":"
          "{\"requests\":{\"cpu\":\"1\"}}}]",
          0, 5000, 0 },
        { "\"initContainers\":[{\"resources\":{\"requests\":{\"cpu\":\"3\"}}},{\"restartPolicy\":"
          "\"Always\",\"resources\":{\"requests\":{\"cpu\":\"2\"}}}],\"containers\":[{"
          "\"resources\":"
          "{\"requests\":{\"cpu\":\"2\"}}}]",
          0, 4000, 0 },
        { "\"overhead\":{\"cpu\":\"250m\",\"memory\":\"120Mi\"},\"containers\":[{\"resources\":"
          "{\"requests\":{\"cpu\":\"1\",\"memory\":\"8Mi\"}}}]",
          0, 1250, 128 },
        { "\"resources\":{\"requests\":{\"cpu\":\"10\"}},\"containers\":[{\"resources\":{"
          "\"requests\":{\"cpu\":\"1\",\"memory\":\"8Mi\"}}}]",
          0, 10000, 8 },
        { "\"containers\":[{\"resources\":{\"limits\":{\"amd.com/gpu\":\"4\"}}}]", 4000, 0, 0 },
        { "\"containers\":[{\"resources\":{\"limits\":{\"nvidia.com/mig-3g.40gb\":2}}}]", 858, 0,
          0 },
        { "\"containers\":[{\"resources\":{\"limits\":{\"nvidia.com/gpu.shared\":2}}}]", 0, 0, 0 },
        /* Quantities. */
        { "\"containers\":[{\"resources\":{\"requests\":{\"cpu\":\"1e3\",\"memory\":\"1.5Gi\"}}}]",
          0, 1000000, 1536 },
        { "\"containers\":[{\"resources\":{\"requests\":{\"cpu\":0.5,\"memory\":1048576}}}]", 0,
          500, 1 },
        { "\"containers\":[{\"resources\":{\"requests\":{\"cpu\":\"2k\",\"memory\":\"1Ti\"}}}]", 0,
          2000000, 1048576 },
        { "\"containers\":[{\"resources\":{\"requests\":{\"cpu\":\"5x\",\"memory\":\"-1Gi\","
          "\"nvidia.com/gpu\":\"\"}}}]",
          0, 0, 0 },
        { "\"containers\":[{\"resources\":{\"requests\":{\"cpu\":\"1e99\",\"memory\":\"99999Pi\"}}}"
          "]",
          0, 0, 0 },
        { "\"containers\":{\"resources\":1}", 0, 0, 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char object[1000];
        const char *const objects[] = { object, NULL };
        struct workload w;
        snprintf(object, sizeof object, META("p", "") ",\"spec\":{%s}", cases[i].spec);
        import_list(objects, &w);
        if (w.gpu_milli[0] != cases[i].gpu_milli || w.cpu_milli[0] != cases[i].cpu_milli ||
            w.mem_mib[0] != cases[i].mem_mib)
            fail_msg("%s: %d, %lld, %lld", cases[i].spec, w.gpu_milli[0], (long long)w.cpu_milli[0],
                     (long long)w.mem_mib[0]);
        workload_free(&w);
    }
}

static void times_that_are_partly_known(void **state)
{
    static const char *const objects[] = {
        /* No condition: when the kubelet saw it. */
        META("kubelet", "") ",\"status\":{\"phase\":\"Failed\",\"startTime\":\"2026-03-01T00:03:00Z"
                            "\",\"containerStatuses\":[{\"state\":{\"terminated\":{\"startedAt\":"
                            "\"2026-03-01T00:04:00Z\",\"finishedAt\":\"2026-03-01T00:13:00Z\"}}}]}",
        /* Neither: its first container, before it was restarted. */
        META("restarted",
             "") ",\"status\":{\"phase\":\"Succeeded\",\"containerStatuses\":[{\"restartCount\":1,"
                 "\"lastState\":{\"terminated\":{\"startedAt\":\"2026-03-01T00:04:00Z\","
                 "\"finishedAt\":\"2026-03-01T00:05:00Z\"}},\"state\":{\"terminated\":{"
                 "\"startedAt\":\"2026-03-01T00:06:00Z\",\"finishedAt\":\"2026-03-01T00:14:00Z\"}"
                 "}}]}",
        /* A container that has ended does not end a pod that runs. */
        META("sidecar",
             "") ",\"status\":{\"phase\":\"Running\",\"startTime\":\"2026-03-01T00:01:00Z\","
                 "\"containerStatuses\":[{\"state\":{\"terminated\":{\"startedAt\":"
                 "\"2026-03-01T00:02:00Z\",\"finishedAt\":\"2026-03-01T00:03:00Z\"}}},{\"state\":{"
                 "\"running\":{\"startedAt\":\"2026-03-01T00:02:00Z\"}}}]}",
        /* Evicted: no container is known any more. */
        META("evicted",
             "") ",\"status\":{\"phase\":\"Failed\",\"reason\":\"Evicted\",\"startTime\":"
                 "\"2026-03-01T00:01:00Z\",\"conditions\":[{\"type\":\"DisruptionTarget\","
                 "\"status\":\"True\",\"lastTransitionTime\":\"2026-03-01T00:11:00Z\"}]}",
        META("lost",
             "") ",\"status\":{\"phase\":\"Failed\",\"startTime\":\"2026-03-01T00:01:00Z\"}",
        /* Scheduled, its image not yet there: it holds its GPUs. */
        META(
            "pulling",
            "") ",\"status\":{\"phase\":\"Pending\",\"conditions\":[{\"type\":\"PodScheduled\","
                "\"status\":\"True\",\"lastTransitionTime\":\"2026-03-01T00:10:00Z\"}],"
                "\"containerStatuses\":[{\"state\":{\"waiting\":{\"reason\":\"ContainerCreating\"}}"
                "}]}",
        META("unschedulable",
             "") ",\"status\":{\"phase\":\"Pending\",\"conditions\":[{\"type\":\"PodScheduled\","
                 "\"status\":\"False\",\"lastTransitionTime\":\"2026-03-01T00:10:00Z\"}]}",
        NULL,
    };
    static const struct {
        const char *name;
        int start, run;
        enum job_status status;
    } expected[] = {
        { "kubelet", 3, 10, JOB_FAILED },
        { "restarted", 4, 10, JOB_COMPLETED },
        { "sidecar", 1, 13, JOB_RUNNING_AT_END },
        { "evicted", 1, 10, JOB_FAILED },
        { "lost", 1, 0, JOB_FAILED },
        { "pulling", 10, 4, JOB_RUNNING_AT_END },
        { "unschedulable", 0, 0, JOB_NEVER_STARTED },
    };
    struct workload w;
    (void)state;
    struct import_report r = import_list(objects, &w);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        size_t j = job_named(&w, expected[i].name);
        assert_int_equal(w.status[j], expected[i].status);
        if (w.start_us[j] != -1) assert_int_equal(minutes(w.start_us[j]), expected[i].start);
        assert_int_equal(minutes(w.run_us[j]), expected[i].run);
    }
    assert_int_equal(reason_count(&r, "ended, nobody knows when: run time of 0"), 1);
    workload_free(&w);
}

static void gpu_types_of_affinities(void **state)
{
    static const char *const objects[] = {
        META("p", "") ",\"spec\":{" GPUS(
            1) ",\"affinity\":{\"nodeAffinity\":{"
               "\"requiredDuringSchedulingIgnoredDuringExecution\":{\"nodeSelectorTerms\":["
               "{\"matchExpressions\":[{\"key\":\"cloud.google.com/gke-accelerator\","
               "\"operator\":\"In\",\"values\":[\"nvidia-h100-80gb\",\"nvidia-a100-80gb\"]},"
               "{\"key\":\"zone\",\"operator\":\"In\",\"values\":[\"a\"]}]},"
               "{\"matchExpressions\":[{\"key\":\"nvidia.com/gpu.product\",\"operator\":"
               "\"NotIn\",\"values\":[\"T4\"]}]}]}}}}",
        NULL,
    };
    struct workload w;
    (void)state;
    import_list(objects, &w);
    assert_string_equal(types_of(&w, 0), "nvidia-a100-80gb|nvidia-h100-80gb");
    workload_free(&w);
}

/* Terms of an affinity are alternatives, and the node selector holds with each. Labels of GPUs are
 * types of GPUs; what every pod tolerates of itself is left out. */
static void selectors_and_tolerations(void **state)
{
    static const char *const objects[] = {
        META("p", "") ",\"spec\":{" GPUS(
            1) ",\"nodeSelector\":{\"team\":\"ml\",\"nvidia.com/gpu.product\":\"L4\"},"
               "\"tolerations\":[{\"key\":\"node.kubernetes.io/not-ready\",\"operator\":"
               "\"Exists\",\"effect\":\"NoExecute\",\"tolerationSeconds\":300},{\"key\":"
               "\"nvidia.com/gpu\",\"operator\":\"Exists\"},{\"key\":\"dedicated\","
               "\"operator\":\"Equal\",\"value\":\"ml\",\"effect\":\"NoSchedule\"},{\"operator\":"
               "\"Exists\"}],\"affinity\":{\"nodeAffinity\":{"
               "\"requiredDuringSchedulingIgnoredDuringExecution\":{\"nodeSelectorTerms\":["
               "{\"matchExpressions\":[{\"key\":\"zone\",\"operator\":\"In\",\"values\":[\"a\","
               "\"b\"]"
               "},{\"key\":\"disk\",\"operator\":\"Exists\"},{\"key\":\"old\",\"operator\":"
               "\"DoesNotExist\"}]},{\"matchExpressions\":[{\"key\":\"zone\",\"operator\":"
               "\"NotIn\",\"values\":[\"c\"]},{\"key\":\"cpus\",\"operator\":\"Gt\",\"values\":"
               "[\"31\"]}]}]}}}}",
        META("q", "") ",\"spec\":{" GPUS(1) ",\"nodeSelector\":{\"a b\":\"c(\"}}",
        META("r", "") ",\"spec\":{" GPUS(1) "}",
        NULL,
    };
    struct workload w;
    (void)state;
    struct import_report r = import_list(objects, &w);
    size_t p = job_named(&w, "p"), q = job_named(&w, "q");
    assert_string_equal(w.selectors.text[w.selector[p]],
                        "team=ml,zone in (a,b),disk,!old||team=ml,zone notin (c),cpus>31");
    assert_string_equal(w.tolerations.text[w.toleration[p]],
                        "nvidia.com/gpu,dedicated=ml:NoSchedule,*");
    assert_string_equal(types_of(&w, p), "L4");
    assert_int_equal(w.selector[q], 0);
    assert_int_equal(reason_count(&r, "node_selector that selects nothing left out"), 1);
    assert_int_equal(w.selector[job_named(&w, "r")] + w.toleration[job_named(&w, "r")], 0);
    workload_free(&w);
}

#define JOB(name, mode, parallelism, completions)                                                  \
    "\"kind\":\"Job\",\"metadata\":{\"name\":\"" name "\",\"namespace\":\"ml\"},\"spec\":{"        \
    "\"completionMode\":\"" mode "\",\"parallelism\":" #parallelism                                \
    ",\"completions\":" #completions "}"
#define OWNED(job, index)                                                                          \
    LABELS("\"batch.kubernetes.io/job-name\":\"" job                                               \
           "\",\"batch.kubernetes.io/job-completion-index\":\"" index "\"")                        \
    ",\"ownerReferences\":[{\"kind\":\"Job\",\"name\":\"" job "\"}]"

/* An Indexed Job whose pods all run at once; index 1 failed and was replaced. */
static void an_indexed_job_that_runs_at_once_is_a_gang(void **state)
{
    static const char *const objects[] = {
        META("train-0-a", OWNED("train", "0")) ",\"spec\":{" GPUS(8) "}," RAN("05", "06", "30"),
        META("train-1-b", OWNED("train", "1")) ",\"spec\":{" GPUS(8) "}," RAN("06", "07", "05"),
        META("train-1-c", OWNED("train", "1")) ",\"spec\":{" GPUS(8) "}," RAN("50", "51", "35"),
        JOB("train", "Indexed", 2, 2),
        META("other-0", OWNED("other", "0")) ",\"spec\":{" GPUS(1) "}," RAN("05", "06", "30"),
        NULL,
    };
    struct workload w;
    (void)state;
    struct import_report r = import_list(objects, &w);
    assert_int_equal(w.job_n, 2); /* the other's Job is not in the list */
    size_t j = job_named(&w, "train");
    assert_int_equal(w.gpu_milli[j], 16000);
    assert_int_equal(w.cpu_milli[j], 1000);
    assert_int_equal(minutes(w.start_us[j]), 5);
    assert_int_equal(minutes(w.run_us[j]), 90);
    assert_int_equal(reason_count(&r, "pod joined to its gang"), 1);
    assert_int_equal(reason_count(&r, "pod that replaced one of its gang: joined"), 1);
    assert_int_equal(reason_count(&r, "Job object (its pods are the jobs)"), 1);
    workload_free(&w);
}

static void pods_of_other_jobs_are_jobs(void **state)
{
    static const char *const objects[] = {
        JOB("waves", "Indexed", 2, 3),
        META("waves-0", OWNED("waves", "0")) ",\"spec\":{" GPUS(1) "}," RAN("05", "06", "30"),
        META("waves-1", OWNED("waves", "1")) ",\"spec\":{" GPUS(1) "}," RAN("05", "06", "30"),
        META("waves-2", OWNED("waves", "2")) ",\"spec\":{" GPUS(1) "}," RAN("31", "32", "50"),
        JOB("tasks", "NonIndexed", 2, 2),
        META("tasks-x", OWNED("tasks", "")) ",\"spec\":{" GPUS(1) "}," RAN("05", "06", "30"),
        META("tasks-y", OWNED("tasks", "")) ",\"spec\":{" GPUS(1) "}," RAN("05", "06", "30"),
        NULL,
    };
    struct workload w;
    (void)state;
    import_list(objects, &w);
    assert_int_equal(w.job_n, 5);
    for (size_t j = 0; j < w.job_n; j++) assert_int_equal(w.gpu_milli[j], 1000);
    workload_free(&w);
}

static void gangs_by_their_labels(void **state)
{
    static const char *const pairs[][3] = {
        { "\"training.kubeflow.org/job-name\":\"bert\",\"training.kubeflow.org/replica-type\":"
          "\"master\",\"training.kubeflow.org/replica-index\":\"0\"",
          "\"training.kubeflow.org/job-name\":\"bert\",\"training.kubeflow.org/replica-type\":"
          "\"worker\",\"training.kubeflow.org/replica-index\":\"0\"",
          "bert" },
        { "\"scheduling.x-k8s.io/pod-group\":\"pg\"", "\"scheduling.x-k8s.io/pod-group\":\"pg\"",
          "pg" },
        { "\"kueue.x-k8s.io/pod-group-name\":\"kg\"", "\"kueue.x-k8s.io/pod-group-name\":\"kg\"",
          "kg" },
        { "\"volcano.sh/job-name\":\"vj\"", "\"volcano.sh/job-name\":\"vj\"", "vj" },
        { "\"jobset.sigs.k8s.io/jobset-name\":\"js\",\"batch.kubernetes.io/job-name\":\"js-l-0\","
          "\"batch.kubernetes.io/job-completion-index\":\"0\"",
          "\"jobset.sigs.k8s.io/jobset-name\":\"js\",\"batch.kubernetes.io/job-name\":\"js-w-0\","
          "\"batch.kubernetes.io/job-completion-index\":\"0\"",
          "js" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        char a[1500], b[1500];
        const char *const objects[] = { a, b, NULL };
        struct workload w;
        snprintf(a, sizeof a,
                 META("a", LABELS("%s")) ",\"spec\":{" GPUS(4) "}," RAN("05", "06", "30"),
                 pairs[i][0]);
        snprintf(b, sizeof b, META("b", LABELS("%s")) ",\"spec\":{" GPUS(8) "}," RUNNING,
                 pairs[i][1]);
        import_list(objects, &w);
        assert_int_equal(w.job_n, 1);
        assert_int_equal(job_named(&w, pairs[i][2]), 0);
        assert_int_equal(w.gpu_milli[0], 12000);
        assert_int_equal(minutes(w.start_us[0]), 1);
        assert_int_equal(minutes(w.run_us[0]), 89); /* b runs on, to the end of a */
        assert_int_equal(w.status[0], JOB_RUNNING_AT_END);
        workload_free(&w);
    }
}

/* Each attempt of a JobSet, each group of a LeaderWorkerSet is a gang of its own. */
static void parts_of_one_name(void **state)
{
    static const char *const objects[] = {
        META("a", LABELS("\"jobset.sigs.k8s.io/jobset-name\":\"js\","
                         "\"jobset.sigs.k8s.io/restart-attempt\":\"0\"")) "," RAN("05", "06", "30"),
        META("b", LABELS("\"jobset.sigs.k8s.io/jobset-name\":\"js\","
                         "\"jobset.sigs.k8s.io/restart-attempt\":\"1\"")) "," RAN("05", "06", "30"),
        META("c", LABELS("\"leaderworkerset.sigs.k8s.io/name\":\"lws\","
                         "\"leaderworkerset.sigs.k8s.io/group-index\":\"0\"")) "," PENDING,
        META("d", LABELS("\"leaderworkerset.sigs.k8s.io/name\":\"lws\","
                         "\"leaderworkerset.sigs.k8s.io/group-index\":\"0\"")) "," PENDING,
        META("e", LABELS("\"leaderworkerset.sigs.k8s.io/name\":\"lws\","
                         "\"leaderworkerset.sigs.k8s.io/group-index\":\"1\"")) "," PENDING,
        NULL,
    };
    struct workload w;
    (void)state;
    import_list(objects, &w);
    assert_int_equal(w.job_n, 4);
    workload_free(&w);
}

/* Objects that a real API server gave: an Indexed Job of 8 completions, 3 at a time, of which index
 * 3 was tried twice. */
static void a_real_list(void **state)
{
    struct workload w;
    int64_t run_us = 0;
    int failed = 0;
    (void)state;
    struct import_report r =
        import_path("kubernetes",
                    shared_or_skip("reference/cluster/kubernetes/fixtures/pods-sweep-e2e.json"),
                    NULL, &w);
    assert_int_equal(r.rows, 9);
    assert_int_equal(w.job_n, 9);
    for (size_t j = 0; j < w.job_n; j++) {
        run_us += w.run_us[j];
        failed += w.status[j] == JOB_FAILED;
        assert_int_equal(w.gpu_milli[j], 0);
        assert_true(w.start_us[j] - w.submit_us[j] <= US_PER_S);
    }
    assert_int_equal(failed, 2);
    assert_int_equal(run_us / US_PER_S, 8 + 8 + 8 + 4 + 0 + 5 + 0 + 5 + 4);
    workload_free(&w);
}

static void what_is_no_list_is_said(void **state)
{
    (void)state;
    assert_non_null(strstr(import_refusal("kubernetes", "{\"kind\":\"Pod\"}", NULL),
                           "kubectl get pods,jobs -A -o json"));
    assert_non_null(strstr(import_refusal("kubernetes", "NAME READY\n", NULL), "import.txt:1:"));
    assert_non_null(
        strstr(import_refusal("kubernetes", "{\"items\":[]}", NULL), "no job is left of 0 rows"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(single_pods),
        cmocka_unit_test(effective_requests),
        cmocka_unit_test(times_that_are_partly_known),
        cmocka_unit_test(gpu_types_of_affinities),
        cmocka_unit_test(selectors_and_tolerations),
        cmocka_unit_test(an_indexed_job_that_runs_at_once_is_a_gang),
        cmocka_unit_test(pods_of_other_jobs_are_jobs),
        cmocka_unit_test(gangs_by_their_labels),
        cmocka_unit_test(parts_of_one_name),
        cmocka_unit_test(a_real_list),
        cmocka_unit_test(what_is_no_list_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
