/* SPDX-License-Identifier: Apache-2.0 */
/* The checkers of tests/kubernetes, which are programs of Node: what a cluster would refuse, they
 * refuse.
 */
#ifndef TESTS_KUBERNETES_H
#define TESTS_KUBERNETES_H

/* The folder in which they can be run, with the packages that they need: installed once for all
 * tests and builds, whoever comes first. Skips the running test where Node or npm or the packages
 * cannot be had. */
const char *kubernetes_checkers_or_skip(void);

#endif
