// Applies the confirmations of persons to manual checks. A confirmed check passes, with person and
// time, until the VM changes or the confirmation ends. Pure.
import {
  DeploymentModel,
  type AzureFacts,
  type CheckConfirmation,
  type SourceVm,
} from '../../../azure/facts.ts';
import { fingerprintOf } from '../../../core/ids.ts';
import { keyOf, sortBy } from '../../../scenarios/enabling/lookup.ts';
import type { EnablingPreview, ReadinessCheck } from '../../../scenarios/enabling/preview.ts';

/** The manual checks of a VM. */
export const VM_CHECK_IDS = ['PRE-4', 'PRE-6', 'PRE-10'] as const;
/** The manual checks of a source. */
export const SOURCE_CHECK_IDS = ['PRE-2', 'PRE-4', 'PRE-9', 'PRE-10'] as const;

/** Azure shows the security rules of a VM, except for classic VMs. */
export const isManualCheckOf = (check: (typeof VM_CHECK_IDS)[number], { model }: SourceVm): boolean =>
  check !== 'PRE-4' || model === DeploymentModel.classic;

/** Changes with the system, the size, the disks and the networks of the VM, but not with its state. */
export const vmFingerprintOf = ({ model, size, osType, generation, disks, nics }: SourceVm): string =>
  fingerprintOf([
    [model, size, osType, generation],
    sortBy(disks, ({ id }) => id).map(({ id, sizeGb, accountType }) => [keyOf(id), sizeGb, accountType]),
    sortBy(nics, ({ id }) => id).map(({ id, networkId, subnet }) => [id, networkId, subnet].map(keyOf)),
  ]);

/** The key of a confirmed check: one confirmation for each check of a VM or of a source. */
export const confirmationKeyOf = ({
  check,
  vmId,
  source,
  target,
}: Pick<CheckConfirmation, 'check' | 'vmId' | 'source' | 'target'>): string =>
  [check, vmId ?? '', source?.region ?? '', source?.subscription ?? '', target?.region ?? '']
    .map(keyOf)
    .join(' ');

/** The preview with the confirmations of its manual checks. */
export function withConfirmations(
  preview: EnablingPreview,
  { confirmations, vms }: Pick<AzureFacts, 'confirmations' | 'vms'>,
): EnablingPreview {
  const byKey = new Map(confirmations.map((known) => [confirmationKeyOf(known), known]));
  const vmById = new Map(vms.map((vm) => [keyOf(vm.id), vm]));
  const { source, target } = preview;
  // A confirmation names a VM or a region of Azure. Machines on premises have neither.
  if (source.region === '') return preview;
  const confirm = (
    check: ReadinessCheck,
    place: Pick<CheckConfirmation, 'vmId' | 'source' | 'target'>,
  ): ReadinessCheck => {
    if (check.verdict !== 'manual') return check;
    const confirmation = byKey.get(confirmationKeyOf({ check: check.id, ...place }));
    const vm = place.vmId === null ? undefined : vmById.get(keyOf(place.vmId));
    return confirmation ? confirmedCheck(check, confirmation, vm) : unconfirmedCheck(check);
  };
  return {
    ...preview,
    checks: preview.checks.map((check) => confirm(check, { vmId: null, source, target })),
    vms: preview.vms.map((vm) => ({
      ...vm,
      checks: vm.checks.map((check) => confirm(check, { vmId: vm.vmId, source: null, target: null })),
    })),
  };
}

/** A person tells Lifeboat the result of a manual check with this request. */
const unconfirmedCheck = (check: ReadinessCheck): ReadinessCheck => ({
  ...check,
  remedy: `${check.remedy ?? ''} Then confirm it: POST /api/v1/check-confirmations.`.trim(),
  confirmation: null,
});

function confirmedCheck(
  check: ReadinessCheck,
  { by, at, until, note, isExpired, vmFingerprint }: CheckConfirmation,
  vm: SourceVm | undefined,
): ReadinessCheck {
  const confirmation = { by, at, until, note };
  const person = `${by.name} confirmed this at ${at}`;
  if (isExpired)
    return {
      ...check,
      confirmation,
      message: `${check.message} ${person}, until ${until}. Confirm it again.`,
    };
  if (vm && vmFingerprintOf(vm) !== vmFingerprint)
    return {
      ...check,
      confirmation,
      message: `${check.message} ${person}. The VM has changed since. Confirm it again.`,
    };
  return { ...check, confirmation, verdict: 'pass', message: `${person}, until ${until}.`, remedy: null };
}
