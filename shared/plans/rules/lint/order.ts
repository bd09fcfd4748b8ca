// Whether groups have an order at all.
import type { Group } from '../plan.ts';
import { errorFinding, warningFinding, type LintFinding, type JsonPath } from '../../../core/finding.ts';

/** `path`: of the list of groups. */
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
 * One finding for each cycle; those that wait for a group of a cycle are told too, since they are
 * never reached.
 */
function checkCycles(groups: readonly Group[], path: JsonPath): LintFinding[] {
  const names = new Set(groups.map(({ name }) => name));
  const byName = new Map(groups.map((group) => [group.name, group]));
  const reached = new Set<string>();
  for (let hasProgress = true; hasProgress;) {
    const unblocked = groups.filter(
      ({ name, waitsFor }) =>
        !reached.has(name) && waitsFor.every((one) => reached.has(one) || !names.has(one)),
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
      cycle.forEach((one) => reported.add(one));
      return [
        errorFinding(
          'GroupCycle',
          [...path, groupIndex, 'waitsFor'],
          'These groups wait for one another in a circle: ' +
            `${[...cycle, first].map((one) => `"${one}"`).join(' waits for ')}. None of them can ` +
            'begin. Take one of these names out of the waitsFor that holds it.',
        ),
      ];
    }
    return [
      errorFinding(
        'GroupUnreachable',
        [...path, groupIndex, 'waitsFor'],
        `"${name}" waits, by way of others, for "${first}", which stands in a circle of groups ` +
          'that wait for one another; so its turn never comes. Open the circle.',
      ),
    ];
  });
}

/** From a group that is never reached one comes, waiting for waiting, to a circle. */
function findCycle(
  start: string,
  byName: ReadonlyMap<string, Group>,
  reached: ReadonlySet<string>,
): readonly string[] {
  const visited: string[] = [];
  for (
    let name: string | undefined = start;
    name !== undefined;
    name = byName.get(name)?.waitsFor.find((one) => byName.has(one) && !reached.has(one))
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
