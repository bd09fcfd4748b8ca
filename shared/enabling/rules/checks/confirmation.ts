// Applies the confirmations of persons to manual checks. A confirmed check passes, with person and
// time, until the VM changes or the confirmation ends. Pure.
import {
  DeploymentModel,
  type AzureFacts,
  type CheckConfirmation,
  type SiteFacts,
  type SiteMachine,
  type SourceVm,
} from '../../../azure/facts.ts';
import { fingerprintOf } from '../../../core/ids.ts';
import { keyOf, sortBy } from '../../../scenarios/enabling/lookup.ts';
import type { EnablingPreview, ReadinessCheck } from '../../../scenarios/enabling/preview.ts';

/** The manual checks of a VM. */
export const VM_CHECK_IDS = ['PRE-4', 'PRE-6', 'PRE-10'] as const;
/** The manual checks of a source. */
export const SOURCE_CHECK_IDS = ['PRE-2', 'PRE-4', 'PRE-9', 'PRE-10'] as const;

/** The manual checks of a site on premises. */
export const SITE_CHECK_IDS = ['H2A-7', 'PRE-9', 'PRE-10'] as const;
/** The manual checks of a machine on premises. */
export const MACHINE_CHECK_IDS = ['PRE-10'] as const;

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

/** Changes with the hosts of the site and their versions, but not with their contact. */
export const siteFingerprintOf = ({ hosts }: SiteFacts): string =>
  fingerprintOf(
    sortBy(hosts, ({ name }) => name).map(({ name, providerVersion, agentVersion }) => [
      name,
      providerVersion ?? '',
      agentVersion ?? '',
    ]),
  );
/** Changes with the system and the disks of the machine. */
export const machineFingerprintOf = ({ generation, osType, disks }: SiteMachine): string =>
  fingerprintOf([
    [generation, osType ?? ''],
    sortBy(disks, ({ id }) => id).map(({ id, sizeMb }) => [keyOf(id), sizeMb]),
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

/** The present fingerprint of each VM, of the site and of its machines, by their ids. */
const fingerprintsOf = (vms: readonly SourceVm[], site: SiteFacts | undefined): ReadonlyMap<string, string> =>
  new Map([
    ...vms.map((vm) => [keyOf(vm.id), vmFingerprintOf(vm)] as const),
    ...(site ? [[keyOf(site.id), siteFingerprintOf(site)] as const] : []),
    ...(site?.machines ?? []).map((machine) => [keyOf(machine.id), machineFingerprintOf(machine)] as const),
  ]);

/**
 * The preview with the confirmations of its manual checks. `site`: the site of machines on premises;
 * undefined for VMs of Azure, and while there is no such site.
 */
export function withConfirmations(
  preview: EnablingPreview,
  { confirmations, vms }: Pick<AzureFacts, 'confirmations' | 'vms'>,
  site: SiteFacts | undefined,
): EnablingPreview {
  const byKey = new Map(confirmations.map((known) => [confirmationKeyOf(known), known]));
  const fingerprints = fingerprintsOf(vms, site);
  const { source, target } = preview;
  // Machines on premises have no region.
  if (source.region === '' && !site) return preview;
  const place = site ? { vmId: keyOf(site.id), source: null, target: null } : { vmId: null, source, target };
  const confirm = (
    check: ReadinessCheck,
    of: Pick<CheckConfirmation, 'vmId' | 'source' | 'target'>,
  ): ReadinessCheck => {
    if (check.verdict !== 'manual') return check;
    const confirmation = byKey.get(confirmationKeyOf({ check: check.id, ...of }));
    const fingerprint = of.vmId === null ? undefined : fingerprints.get(keyOf(of.vmId));
    return confirmation ? confirmedCheck(check, confirmation, fingerprint) : unconfirmedCheck(check);
  };
  return {
    ...preview,
    checks: preview.checks.map((check) => confirm(check, place)),
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

/** The site is the only subject that contains machines. */
const subjectOf = (id: string | null): string =>
  /\/replicationFabrics\/[^/]+$/i.test(id ?? '') ? 'site' : 'VM';

function confirmedCheck(
  check: ReadinessCheck,
  { vmId, by, at, until, note, isExpired, vmFingerprint }: CheckConfirmation,
  fingerprint: string | undefined,
): ReadinessCheck {
  const confirmation = { by, at, until, note };
  const person = `${by.name} confirmed this at ${at}`;
  if (isExpired)
    return {
      ...check,
      confirmation,
      message: `${check.message} ${person}, until ${until}. Confirm it again.`,
    };
  if (fingerprint !== undefined && fingerprint !== vmFingerprint)
    return {
      ...check,
      confirmation,
      message: `${check.message} ${person}. The ${subjectOf(vmId)} has changed since. Confirm it again.`,
    };
  return { ...check, confirmation, verdict: 'pass', message: `${person}, until ${until}.`, remedy: null };
}
