// Mutants of guards before changes that a caller asks for: removals, places, excluded VMs, confirmed checks.
import type { Mutant } from '../mutant.ts';

export const removals: readonly Mutant[] = [
  {
    id: 'the app removes a plan that others use',
    file: 'shared/removal/users.ts',
    find: '  if (used.length === 0) return;',
    replace: '  if (used.length >= 0) return;',
    reason: 'A schedule or an alert rule would start nothing on the day.',
    test: { file: 'test/shared/removal/removePlan.test.ts', name: 'each keep a plan, by name' },
  },
  {
    id: 'a new plan under a removed id starts at version 1',
    file: 'shared/plans/savePlan.ts',
    find: '(await readPlanVersions(planId))[0]?.version ?? 0',
    replace: '0',
    reason: 'A job of the removed plan would read another plan as its version.',
    test: { file: 'test/shared/removal/removePlan.test.ts', name: 'and its id goes on after them' },
  },
  {
    id: 'the timer forgets no VM of an unregistered vault',
    file: 'shared/replications/refreshVaults.ts',
    find: '  await forgetRemovedVaults();\n',
    replace: '',
    reason: 'VMs would stay in the list that nothing refreshes any more.',
    test: { file: 'test/shared/removal/removeVault.test.ts', name: 'the timer forgets VMs that a read' },
  },
];

export const onTheWay: readonly Mutant[] = [
  {
    id: 'a VM that has arrived stays on its way in the list',
    file: 'shared/jobs/listReplications.ts',
    find: '.filter(({ armId }) => !arrivedIds.has(armId.toLowerCase()))',
    replace: '',
    reason: 'The list would show one VM twice, under two ids.',
    test: {
      file: 'test/scenarios/enabling/vms-on-their-way.test.ts',
      name: 'a VM that the portal enables is on its way',
    },
  },
  {
    id: 'a moved item counts as a VM on its way',
    file: 'shared/replications/enablingVms.ts',
    find: '.filter((item) => !vms.some((vm) => isItemOf(item, vm)))',
    replace: '',
    reason: 'The list would show a VM twice after its reprotect.',
    test: {
      file: 'test/shared/replications/enablingVms.test.ts',
      name: 'an item that a reprotect moved is no VM on its way',
    },
  },
];

export const reports: readonly Mutant[] = [
  {
    id: 'a report forgets a failover without a commit',
    file: 'shared/runs/openEnds.ts',
    find: "didArrive('changeRecoveryPoint')) && committed !== true)",
    replace: "didArrive('changeRecoveryPoint')) && committed === false)",
    reason: 'An auditor would read that nothing is left, although the recovery point can still change.',
    test: {
      file: 'test/shared/runs/runReport.test.ts',
      name: 'names what is not committed, and sources that may still run',
    },
  },
];

export const diskAccounts: readonly Mutant[] = [
  {
    id: 'a standard account takes premium disks',
    file: 'shared/scenarios/azureToAzure/enabling/prerequisites/storageAccounts.ts',
    find: "account.sku.startsWith('Premium') || !(source?.sku.startsWith('Premium') ?? false);",
    replace: "account.sku.length > 0 || !(source?.sku.startsWith('Premium') ?? false);",
    reason: 'The VM would be slower after its failover than its disks allow, or not start.',
    test: { file: 'test/shared/enabling/disks.test.ts', name: 'premium disks need a premium account' },
  },
];

export const places: readonly Mutant[] = [
  {
    id: 'a route accepts a change that the job would refuse',
    file: 'shared/jobs/acceptOnVms.ts',
    find: "  if ('change' in command) await assertChangeable(command.change, vms);\n",
    replace: '  void assertChangeable;\n  void vms;\n',
    reason: 'The caller would learn the refusal only from a failed job.',
    test: {
      file: 'test/scenarios/enabling/changes.test.ts',
      name: 'one refused VM refuses the change of all',
    },
  },
  {
    id: 'a failback checks its place only after it has moved the VM',
    file: 'shared/jobs/planVmSteps.ts',
    find: '  if (placeFault) return placeFault;\n',
    replace: '',
    reason: 'The VMs would run unprotected on the other side.',
    test: {
      file: 'test/scenarios/enabling/reprotect-place.test.ts',
      name: 'is refused before a failback moves anything',
    },
  },
];

const EXCLUDES = {
  file: 'test/shared/runs/previewFromStore.test.ts',
  name: 'a preview leaves out the excluded',
};

export const excluded: readonly Mutant[] = [
  {
    id: 'a preview shows the excluded VMs',
    file: 'shared/runs/previewFromStore.ts',
    find: 'withoutExcluded({ planId, plan: planVersion.plan }, request.exclude)',
    replace: '{ planId, plan: planVersion.plan }',
    reason: 'The preview would show another run than the one that starts.',
    test: EXCLUDES,
  },
  {
    id: 'a run excludes a VM that is not in its plan',
    file: 'shared/runs/previewFromStore.ts',
    find: '  if (unknownIds.length > 0)\n',
    replace: '  if (unknownIds.length > 99)\n',
    reason: 'A mistyped id would let its VM fail over.',
    test: EXCLUDES,
  },
  {
    id: 'a preview without VMs can run',
    file: 'shared/plans/rules/runPreview.ts',
    find: 'nodes.length === 0 ? [NO_VM_OBSTACLE] : obstacles',
    replace: 'obstacles',
    reason: 'The preview would promise a run that its command refuses.',
    test: EXCLUDES,
  },
];

export const confirmations: readonly Mutant[] = [
  {
    id: 'a confirmation outlives a change of its VM',
    file: 'shared/enabling/rules/checks/confirmation.ts',
    find: 'fingerprint !== undefined && fingerprint !== vmFingerprint',
    replace: 'fingerprint === null',
    reason: 'A check would pass for a VM that nobody has looked at.',
    test: { file: 'test/shared/enabling/confirmation.test.ts', name: 'makes the check manual again' },
  },
];
