// Whether groups have an order at all.
import type { Group } from '../plan.ts';
import { error, warning, type Finding, type Path } from '../../../core/finding.ts';

/** `path`: of the list of groups. */
export const mustBeInOrder = (groups: readonly Group[], path: Path): readonly Finding[] => [
  ...namedTwice(groups, path),
  ...unknownNames(groups, path),
  ...cycles(groups, path),
  ...empty(groups, path),
];

function namedTwice(groups: readonly Group[], path: Path): Finding[] {
  return groups.flatMap(({ name }, at) =>
    groups.findIndex((other) => other.name === name) < at
      ? [
          error(
            'GroupTwice',
            [...path, at, 'name'],
            `A group before it is called "${name}" too, so nobody can say which one to wait for. ` +
              'Give each group a name of its own.',
          ),
        ]
      : [],
  );
}

function unknownNames(groups: readonly Group[], path: Path): Finding[] {
  const names = new Set(groups.map(({ name }) => name));
  return groups.flatMap(({ name, waitsFor }, at) =>
    waitsFor.flatMap((wanted, one) =>
      names.has(wanted)
        ? []
        : [
            error(
              'GroupUnreachable',
              [...path, at, 'waitsFor', one],
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
function cycles(groups: readonly Group[], path: Path): Finding[] {
  const names = new Set(groups.map(({ name }) => name));
  const byName = new Map(groups.map((group) => [group.name, group]));
  const reached = new Set<string>();
  for (let grown = true; grown;) {
    const free = groups.filter(
      ({ name, waitsFor }) =>
        !reached.has(name) && waitsFor.every((one) => reached.has(one) || !names.has(one)),
    );
    free.forEach(({ name }) => reached.add(name));
    grown = free.length > 0;
  }
  const told = new Set<string>();
  return groups.flatMap(({ name }, at) => {
    if (reached.has(name) || told.has(name)) return [];
    const cycle = cycleFrom(name, byName, reached);
    const first = cycle[0] ?? name;
    if (cycle.includes(name)) {
      cycle.forEach((one) => told.add(one));
      return [
        error(
          'GroupCycle',
          [...path, at, 'waitsFor'],
          'These groups wait for one another in a circle: ' +
            `${[...cycle, first].map((one) => `"${one}"`).join(' waits for ')}. None of them can ` +
            'begin. Take one of these names out of the waitsFor that holds it.',
        ),
      ];
    }
    return [
      error(
        'GroupUnreachable',
        [...path, at, 'waitsFor'],
        `"${name}" waits, by way of others, for "${first}", which stands in a circle of groups ` +
          'that wait for one another; so its turn never comes. Open the circle.',
      ),
    ];
  });
}

/** From a group that is never reached one comes, waiting for waiting, to a circle. */
function cycleFrom(
  start: string,
  byName: ReadonlyMap<string, Group>,
  reached: ReadonlySet<string>,
): readonly string[] {
  const way: string[] = [];
  for (
    let name: string | undefined = start;
    name !== undefined;
    name = byName.get(name)?.waitsFor.find((one) => byName.has(one) && !reached.has(one))
  ) {
    if (way.includes(name)) return way.slice(way.indexOf(name));
    way.push(name);
  }
  return [];
}

function empty(groups: readonly Group[], path: Path): Finding[] {
  return groups.flatMap(({ name, vms, before, after }, at) =>
    vms.length + before.length + after.length > 0
      ? []
      : [
          warning(
            'GroupEmpty',
            [...path, at],
            `"${name}" has neither VMs nor actions, so nothing is done in it. Fill it, or take it out.`,
          ),
        ],
  );
}
