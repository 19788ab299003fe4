# SPDX-License-Identifier: GPL-2.0-or-later
"""What a kernel says on its console when something is wrong with it.

Reads the text of a console log; knows nothing of how the guest was run.
"""

import re

_PANIC = re.compile(r'Kernel panic - not syncing: ?(.*)')

# Each begins a report by the kernel about itself (or its memory, locks, RCU).
# Anchored behind the time stamp, so that a word in somebody's message does
# not count.
_REPORTS = re.compile(
    r'^(?:<\d>)?\[[ \d.]+\](?:\[[ \w]+\])? (?P<what>'
    r'BUG\b.*|kernel BUG at .*|WARNING: .*'
    r'|Oops: .*|general protection fault.*'
    r'|Unable to handle kernel .*|int3: .*|divide error: .*'
    r'|UBSAN: .*|KASAN: .*|KCSAN: .*|KMSAN: .*|KFENCE: .*'
    r'|INFO: possible .*|INFO: inconsistent .*|INFO: suspicious .*'
    r'|INFO: task .* blocked for more than .*|INFO: trying to register.*'
    r'|INFO: HARDIRQ-safe .*|INFO: SOFTIRQ-safe .*'
    r'|rcu: INFO: .* detected.*stall.*|rcu: .* kthread starved .*'
    r'|INFO: rcu_.* detected.*stall.*'
    r'|watchdog: BUG: .*|NMI watchdog: .*LOCKUP.*|refcount_t: .*'
    r'|DEBUG_LOCKS_WARN_ON.*|list_(?:add|del) corruption.*'
    r'|unregister_netdevice: waiting for .*|kmemleak: \d+ new suspected .*'
    r'|NETDEV WATCHDOG: .*|\S+ \S+ \S+: NETDEV WATCHDOG: .*'
    r'|page_pool_release_retry\(\) stalled.*|leaked .*'
    r'|.*: page allocation failure: .*|Out of memory: .*|INFO: lockdep .*'
    r'|debugfs: .* already present.*|sysfs: cannot create duplicate .*'
    r'|kobject_add_internal failed .*|scheduling while atomic.*'
    r')', re.M)

# Said by kernels about machines, not about themselves
_HARMLESS = re.compile(
    r'WARNING: (?:unsafe|Spectre|RETBleed|.*mitigation)', re.I)

# bits of /proc/sys/kernel/tainted that a report leaves behind
_TAINTS = {2: 'a processor out of specification', 4: 'a machine check',
           5: 'a bad page', 7: 'an oops', 9: 'a warning', 14: 'a soft lockup'}


def clean(text):
    """TEXT of a serial console without its carriage returns."""
    return text.replace('\r', '')


def panic(text):
    """Why the kernel panicked, or None if it did not."""
    found = _PANIC.search(text)
    return found and (found[1].strip() or 'no reason given')


def reports(text, users=''):
    """First lines of all reports in the console log TEXT, in order.

    USERS is what processes put into the same log: theirs are not reports.
    """
    return [found['what'].strip() for found in _REPORTS.finditer(clean(text))
            if not _HARMLESS.match(found['what'])
            and found[0] not in users]


def taints(number):
    """What the taint mask NUMBER says happened, as a list of words."""
    return [text for bit, text in _TAINTS.items() if number >> bit & 1]
