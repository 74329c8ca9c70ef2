/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/kubernetes.h"

#include "tests/support.h"

const char *kubernetes_checkers_or_skip(void)
{
    char command[4000];
    const char *folder = root_path("build/kubernetes"), *from = root_path("tests/kubernetes");
    /* Programs that need them run at the same time: one installs, the others wait for it. */
    snprintf(
        command, sizeof command,
        "command -v node && command -v npm && mkdir -p '%s' && exec 9> '%s'/lock && flock 9 && "
        "cp '%s'/* '%s' && cd '%s' && { [ -e installed ] || { timeout 100 npm install --silent "
        "--no-audit --no-fund --no-package-lock && touch installed; }; }",
        folder, folder, from, folder, folder);
    if (run_command(command, NULL, NULL) != 0) {
        print_message(
            "skipped: no node, or npm has not what tests/kubernetes/package.json names\n");
        skip();
    }
    return folder;
}
