// Properties of the preview over random environments and requests.
import fc from 'fast-check';
import { resourceGroupOf } from '../../../shared/core/armId.ts';
import type { AzureFacts } from '../../../shared/azure/facts.ts';
import { type EnablingPreview } from '../../../shared/scenarios/enabling/preview.ts';
import { prerequisiteStageOf } from '../../../shared/azure/prerequisite.ts';
import { previewEnabling } from '../../../shared/scenarios/azureToAzure/enabling/previewEnabling.ts';
import { applyPreview } from './apply-preview.ts';
import { anyCase } from './arbitrary.ts';

const RUNS = { numRuns: 300 };
const enabled = (preview: EnablingPreview) =>
  preview.vms.flatMap(({ settings, ...vm }) => (settings ? [{ ...vm, settings }] : []));
const partWith = (preview: EnablingPreview, id: string) =>
  preview.prerequisites.find((prerequisite) => prerequisite.id.toLowerCase() === id.toLowerCase());

function shuffled(facts: AzureFacts, seed: number): AzureFacts {
  const turn = <T>(list: readonly T[]): T[] =>
    list
      .map((entry, at) => [entry, Math.sin(seed + at * 7)] as const)
      .sort(([, a], [, b]) => a - b)
      .map(([entry]) => entry);
  const vault =
    facts.vault &&
    Object.fromEntries(
      Object.entries(facts.vault).map(([name, value]: [string, unknown]) => [
        name,
        Array.isArray(value) ? turn(value) : value,
      ]),
    );
  return {
    ...Object.fromEntries(
      Object.entries(facts).map(([name, value]: [string, unknown]) => [
        name,
        Array.isArray(value) ? turn(value) : value,
      ]),
    ),
    vault,
  } as unknown as AzureFacts;
}

test('the same facts and the same request give the same preview, in any order of the facts [A2A-19]', () => {
  fc.assert(
    fc.property(anyCase, fc.integer({ min: 1, max: 1000 }), ({ facts, request }, seed) => {
      const preview = previewEnabling(facts, request);
      expect(previewEnabling(shuffled(facts, seed), request)).toEqual(preview);
      const then = applyPreview(facts, preview);
      expect(previewEnabling(shuffled(then, seed), request)).toEqual(previewEnabling(then, request));
    }),
    RUNS,
  );
});

test('after everything exists, a second request creates and enables nothing [A2A-17] [VAULT-2]', () => {
  fc.assert(
    fc.property(anyCase, ({ facts, request }) => {
      const preview = previewEnabling(facts, request);
      const again = previewEnabling(applyPreview(facts, preview), {
        ...request,
        allowFailedChecks: [...request.allowFailedChecks, 'PRE-2'],
      });
      const were = new Map(preview.vms.map(({ vmId, verdict, itemId }) => [vmId, { verdict, itemId }]));
      for (const { vmId, verdict, itemId } of again.vms) {
        if (were.get(vmId)?.verdict !== 'enable') continue;
        expect({ verdict, itemId }).toEqual({ verdict: 'alreadyEnabled', itemId: were.get(vmId)?.itemId });
      }
      const prepared = previewEnabling(applyPreview(facts, preview), { ...request, vms: [] });
      if (preview.vms.some(({ verdict }) => verdict === 'enable')) {
        for (const prerequisite of prepared.prerequisites)
          expect([prerequisite.id, prerequisite.action]).toEqual([prerequisite.id, 'reuse']);
      }
    }),
    RUNS,
  );
});

test('a second preview before any enabling reuses all prerequisites and keeps all settings [VAULT-2]', () => {
  fc.assert(
    fc.property(anyCase, ({ facts, request }) => {
      const preview = previewEnabling(facts, request);
      const made = applyPreview(facts, { ...preview, vms: [] });
      const again = previewEnabling(made, request);
      expect(enabled(again).map(({ vmId, settings, itemId }) => ({ vmId, settings, itemId }))).toEqual(
        enabled(preview).map(({ vmId, settings, itemId }) => ({ vmId, settings, itemId })),
      );
      expect(again.prerequisites.map(({ id }) => id).sort()).toEqual(
        preview.prerequisites.map(({ id }) => id).sort(),
      );
      for (const { id, action } of again.prerequisites) expect([id, action]).toEqual([id, 'reuse']);
    }),
    RUNS,
  );
});

test('the preview lists each prerequisite once, after its own prerequisites [A2A-19]', () => {
  fc.assert(
    fc.property(anyCase, ({ facts, request }) => {
      const preview = previewEnabling(facts, request);
      const ids = preview.prerequisites.map(({ id }) => id.toLowerCase());
      expect(new Set(ids).size).toBe(ids.length);
      for (const prerequisite of preview.prerequisites) {
        for (const need of prerequisite.needs) {
          const needed = partWith(preview, need);
          expect(needed).toBeDefined();
          if (needed)
            expect(prerequisiteStageOf(needed.spec.kind)).toBeLessThan(
              prerequisiteStageOf(prerequisite.spec.kind),
            );
        }
      }
      for (const { settings, needs } of enabled(preview)) {
        for (const need of needs) expect(ids).toContain(need.toLowerCase());
        const {
          networkId,
          resourceGroupId,
          policyId,
          containerId,
          recoveryContainerId,
          availability,
          placementGroupId,
          disks,
        } = settings;
        const used = [
          networkId,
          resourceGroupId,
          containerId,
          recoveryContainerId,
          ...(availability.type === 'set' ? [availability.setId] : []),
          ...(placementGroupId ? [placementGroupId] : []),
          ...disks.map((disk) => disk.cacheStorageAccountId),
          ...disks.map((disk) => (disk.managed ? disk.resourceGroupId : disk.storageAccountId)),
        ];
        for (const id of used) expect(needs).toContain(id);
        expect(ids).toContain(policyId.toLowerCase());
      }
      const needed = new Set(
        [
          ...enabled(preview).flatMap(({ needs }) => needs),
          ...preview.prerequisites.flatMap(({ needs }) => needs),
        ].map((id) => id.toLowerCase()),
      );
      for (const prerequisite of preview.prerequisites)
        if (!prerequisite.spec.kind.endsWith('Mapping'))
          expect(needed.has(prerequisite.id.toLowerCase())).toBe(true);
    }),
    RUNS,
  );
});

// Also covers [PPG-3].
test('accepted VMs keep rules of sets, zones and placement groups [A2A-11] [A2A-12] [PPG-2]', () => {
  fc.assert(
    fc.property(anyCase, ({ facts, request }) => {
      const preview = previewEnabling(facts, request);
      for (const { vmId, settings } of enabled(preview)) {
        const vm = facts.vms.find(({ id }) => id === vmId);
        const { availability, placementGroupId, resourceGroupId } = settings;
        if (availability.type === 'set') {
          expect(resourceGroupOf(availability.setId).toLowerCase()).toBe(resourceGroupId.toLowerCase());
          const set = partWith(preview, availability.setId)?.spec;
          expect(set?.kind).toBe('availabilitySet');
          if (set?.kind === 'availabilitySet' && set.placementGroupId !== null)
            expect(placementGroupId?.toLowerCase()).toBe(set.placementGroupId.toLowerCase());
          expect(
            vm?.availabilitySetId ??
              (facts.regions.find(({ name }) => name === preview.target.region)?.zones.length === 0 &&
                vm?.zone),
          ).toBeTruthy();
        }
        if (availability.type === 'zone' && preview.source.region === preview.target.region)
          expect(availability.zone).not.toBe(vm?.zone);
        if (vm?.availabilitySetId === null && vm.zone === null) expect(availability.type).toBe('single');
        if (placementGroupId === null) continue;
        expect(resourceGroupOf(placementGroupId).toLowerCase()).toBe(resourceGroupId.toLowerCase());
        expect(vm?.disks.every(({ managed }) => managed)).toBe(true);
        const near = partWith(preview, placementGroupId)?.spec;
        if (near?.kind === 'placementGroup' && near.zone !== null)
          expect(availability).toEqual({ type: 'zone', zone: near.zone });
      }
    }),
    RUNS,
  );
});

test('all accepted VMs together fit into every quota [PRE-2]', () => {
  fc.assert(
    fc.property(anyCase, ({ facts, request }) => {
      const preview = previewEnabling(facts, {
        ...request,
        allowFailedChecks: request.allowFailedChecks.filter((id) => id !== 'PRE-2'),
      });
      const used = new Map<string, number>();
      for (const { vmId, settings } of enabled(preview)) {
        const name = settings.size ?? facts.vms.find(({ id }) => id === vmId)?.size;
        const size = facts.sizes.find(
          (sizeFacts) => sizeFacts.name === name && sizeFacts.region === preview.target.region,
        );
        expect(size).toBeDefined();
        for (const quota of ['cores', size?.family ?? ''])
          used.set(quota, (used.get(quota) ?? 0) + (size?.vcpus ?? 0));
      }
      for (const quota of facts.quotas)
        expect(quota.used + (used.get(quota.name) ?? 0)).toBeLessThanOrEqual(
          Math.max(quota.limit, quota.used),
        );
    }),
    RUNS,
  );
});

test('a refused VM changes nothing for the others: without it they get the same [A2A-17]', () => {
  fc.assert(
    fc.property(anyCase, ({ facts, request }) => {
      const counted = { ...request, allowFailedChecks: [...request.allowFailedChecks, 'PRE-2', 'PRE-7'] };
      const preview = previewEnabling(facts, counted);
      const refused = new Set(
        preview.vms.filter(({ verdict }) => verdict === 'refused').map(({ vmId }) => vmId.toLowerCase()),
      );
      if (refused.size === preview.vms.length) return;
      const without = previewEnabling(facts, {
        ...counted,
        vms: counted.vms.filter((id) => !refused.has(id.toLowerCase())),
      });
      expect(enabled(without).map(({ vmId, settings, needs }) => ({ vmId, settings, needs }))).toEqual(
        enabled(preview).map(({ vmId, settings, needs }) => ({ vmId, settings, needs })),
      );
      expect(without.prerequisites).toEqual(preview.prerequisites);
    }),
    RUNS,
  );
});

test('each refused VM, and no other VM, has refusals with code and remedy [A2A-2] [A2A-19]', () => {
  fc.assert(
    fc.property(anyCase, ({ facts, request }) => {
      const preview = previewEnabling(facts, request);
      for (const vm of preview.vms) {
        expect(vm.refusals.length > 0).toBe(vm.verdict === 'refused');
        expect(vm.settings !== null).toBe(vm.verdict === 'enable');
        for (const { code, message } of vm.refusals) {
          expect(code).toMatch(/^[A-Z][A-Za-z]+$/);
          expect(message).toMatch(/\. \S.*[.:]$/);
          expect(message).not.toContain('undefined');
        }
        const left = vm.checks.filter(
          ({ id, verdict }) => verdict === 'fail' && !request.allowFailedChecks.includes(id),
        );
        if (vm.verdict === 'enable') expect(left).toEqual([]);
      }
    }),
    RUNS,
  );
});
