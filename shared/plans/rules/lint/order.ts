// Lint checks of the order of groups: unique names, known names, no cycles.

import type { Group } from '../plan.ts';
import { errorFinding, warningFinding, type LintFinding, type JsonPath } from '../../../core/finding.ts';

/** Checks the order of groups. `path`: the path of the list of groups. */
export const checkGroupOrder = (groups: readonly Group[], path: JsonPath): readonly LintFinding[] => [
  ...checkDuplicateNames(groups, path),
  ...checkUnknownNames(groups, path),
  ...checkCycles(groups, path),
  ...checkEmptyGroups(groups, path),
];

function checkDuplicateNames(groups: readonly Group[], path: JsonPath): LintFinding[] {
  return groups.flatMap(({ name }, groupIndex) =>
    groups.findIndex((other) => other.name === name) < groupIndex
      ? [
          errorFinding(
            'GroupTwice',
            [...path, groupIndex, 'name'],
            `A group before it is called "${name}" too, so nobody can say which one to wait for. ` +
              'Give each group a name of its own.',
          ),
        ]
      : [],
  );
}

function checkUnknownNames(groups: readonly Group[], path: JsonPath): LintFinding[] {
  const names = new Set(groups.map(({ name }) => name));
  return groups.flatMap(({ name, waitsFor }, groupIndex) =>
    waitsFor.flatMap((wanted, nameIndex) =>
      names.has(wanted)
        ? []
        : [
            errorFinding(
              'GroupUnreachable',
              [...path, groupIndex, 'waitsFor', nameIndex],
              `"${name}" waits for "${wanted}", which is not in this run, so its turn never comes. ` +
                'Name a group that is there, or take the name out.',
            ),
          ],
    ),
  );
}

/**
 * Returns one finding for each cycle. Groups that wait for a cycle get a finding too, because the run
 * never reaches them.
 */
function checkCycles(groups: readonly Group[], path: JsonPath): LintFinding[] {
  const names = new Set(groups.map(({ name }) => name));
  const byName = new Map(groups.map((group) => [group.name, group]));
  const reached = new Set<string>();
  for (let hasProgress = true; hasProgress;) {
    const unblocked = groups.filter(
      ({ name, waitsFor }) =>
        !reached.has(name) && waitsFor.every((other) => reached.has(other) || !names.has(other)),
    );
    unblocked.forEach(({ name }) => reached.add(name));
    hasProgress = unblocked.length > 0;
  }
  const reported = new Set<string>();
  return groups.flatMap(({ name }, groupIndex) => {
    if (reached.has(name) || reported.has(name)) return [];
    const cycle = findCycle(name, byName, reached);
    const first = cycle[0] ?? name;
    if (cycle.includes(name)) {
      cycle.forEach((member) => reported.add(member));
      return [
        errorFinding(
          'GroupCycle',
          [...path, groupIndex, 'waitsFor'],
          'These groups wait for one another in a cycle: ' +
            `${[...cycle, first].map((member) => `"${member}"`).join(' waits for ')}. None of them can ` +
            'begin. Remove one of these names from its waitsFor.',
        ),
      ];
    }
    return [
      errorFinding(
        'GroupUnreachable',
        [...path, groupIndex, 'waitsFor'],
        `"${name}" waits, directly or through other groups, for "${first}", which is in a cycle of ` +
          'groups that wait for one another; so its turn never comes. Open the cycle.',
      ),
    ];
  });
}

/** Follows `waitsFor` from an unreachable group to its cycle. Such a path always ends in a cycle. */
function findCycle(
  start: string,
  byName: ReadonlyMap<string, Group>,
  reached: ReadonlySet<string>,
): readonly string[] {
  const visited: string[] = [];
  for (
    let name: string | undefined = start;
    name !== undefined;
    name = byName.get(name)?.waitsFor.find((other) => byName.has(other) && !reached.has(other))
  ) {
    if (visited.includes(name)) return visited.slice(visited.indexOf(name));
    visited.push(name);
  }
  return [];
}

function checkEmptyGroups(groups: readonly Group[], path: JsonPath): LintFinding[] {
  return groups.flatMap(({ name, vms, before, after }, groupIndex) =>
    vms.length + before.length + after.length > 0
      ? []
      : [
          warningFinding(
            'GroupEmpty',
            [...path, groupIndex],
            `"${name}" has neither VMs nor actions, so nothing is done in it. Fill it, or take it out.`,
          ),
        ],
  );
}
