// The changes that a drill made in the resource group of its test VMs.
import fc from 'fast-check';
import { compareInventories } from '../../../shared/plans/rules/inventory.ts';

const id = (name: string): string =>
  `/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/disks/${name}`;

test('the inventory separates leftovers of the drill from new and removed resources [OP-1]', () => {
  const before = [id('web-os'), id('old')];
  expect(compareInventories(before, [id('WEB-OS'), id('Web-test'), id('zebra')], ['web'])).toEqual({
    left: [id('web-test').toLowerCase()],
    appeared: [id('zebra').toLowerCase()],
    removed: [id('old').toLowerCase()],
  });
  expect(compareInventories(before, before, ['web'])).toEqual({ left: [], appeared: [], removed: [] });
});

test('no earlier resource counts as left behind, and each new one appears once [OP-1]', () => {
  const names = fc.uniqueArray(fc.constantFrom('web', 'web-2', 'app', 'sql', 'zebra', 'x'), { maxLength: 6 });
  fc.assert(
    fc.property(names, names, names, (before, after, vms) => {
      const { left, appeared, removed } = compareInventories(before.map(id), after.map(id), vms);
      const named = [...left, ...appeared];
      expect(named.sort()).toEqual(
        after
          .filter((candidate) => !before.includes(candidate))
          .map((entry) => id(entry).toLowerCase())
          .sort(),
      );
      expect(removed.toSorted()).toEqual(
        before
          .filter((candidate) => !after.includes(candidate))
          .map((entry) => id(entry).toLowerCase())
          .sort(),
      );
      for (const text of left)
        expect(vms.some((vm) => (text.split('/').at(-1) ?? '').includes(vm))).toBe(true);
    }),
  );
});
