// Records that persons confirm manual checks, and reads the confirmations for previews. A check that
// nobody can see in Azure passes with a person and a time. The confirmation routes call this module.
import * as z from 'zod';
import type { Caller } from '../access/caller.ts';
import type { AzureFacts, CheckConfirmation, SiteFacts, SourceVm } from '../azure/facts.ts';
import { withReadFaults } from '../azure/readFaults.ts';
import { idBefore, nameOf } from '../core/armId.ts';
import { addSeconds, clock } from '../core/clock.ts';
import { config } from '../core/config.ts';
import { rejected } from '../core/errors.ts';
import { confirmationNameOf } from '../core/ids.ts';
import { documentNameOf, removeNamedDocument } from '../store/namedDocuments.ts';
import { readFactsOfVault } from '../replications/vaultFacts.ts';
import { sameId } from '../siterecovery/item.ts';
import { SCHEMA_VERSION } from '../store/schema.ts';
import {
  confirmationIdentityOf,
  putConfirmations,
  readConfirmation,
  readConfirmationsOf,
  type ConfirmationDocument,
} from './confirmationStore.ts';
import { readRequestFacts } from './readRequestFacts.ts';
import {
  confirmationKeyOf,
  isManualCheckOf,
  MACHINE_CHECK_IDS,
  machineFingerprintOf,
  SITE_CHECK_IDS,
  siteFingerprintOf,
  SOURCE_CHECK_IDS,
  VM_CHECK_IDS,
  vmFingerprintOf,
} from './rules/checks/confirmation.ts';
import { PrepareRequest, SourceVmIds } from '../scenarios/drivers.ts';
import { Region, SubscriptionId } from '../scenarios/enabling/requestFields.ts';
import { assertLocations } from './sourceChoices.ts';

const MAX_VMS = 1000;
const note = z.string().trim().min(1).max(1000).optional().describe('A note for the report. Default: none.');
const ConfirmationOfVms = z.strictObject({
  check: z
    .enum(VM_CHECK_IDS, `must be of ${VM_CHECK_IDS.join(', ')}`)
    .describe('The id of a manual check of VMs.'),
  vms: SourceVmIds.min(1).max(MAX_VMS).describe('The source VMs, by their ARM ids.'),
  note,
});
const ConfirmationOfSource = z.strictObject({
  check: z
    .enum(SOURCE_CHECK_IDS, `must be of ${SOURCE_CHECK_IDS.join(', ')}`)
    .describe('The id of a manual check of a source.'),
  source: z
    .strictObject({
      region: Region.describe('The short name of the region.'),
      subscription: SubscriptionId.describe('The id of the subscription.'),
    })
    .describe('The source that was checked.'),
  target: z
    .strictObject({ region: Region.describe('The short name of the region.') })
    .describe('The target that was checked.'),
  note,
});
const onPremisesId = (collection: string, what: string) =>
  z
    .string()
    .max(1000)
    .regex(
      // The JSON schema has no flag for case, and Azure varies the casing.
      new RegExp(`^/[A-Za-z]+/[0-9A-Fa-f-]{36}/.+/${collection}/[^/]+$`),
      `must be the ARM id of ${what}, as GET /api/v1/sources/sites lists it`,
    );
const ConfirmationOfSite = z.strictObject({
  check: z
    .enum(SITE_CHECK_IDS, `must be of ${SITE_CHECK_IDS.join(', ')}`)
    .describe('The id of a manual check of a site on premises.'),
  site: onPremisesId('replicationFabrics', 'a site').describe('The site, by its ARM id.'),
  note,
});
const ConfirmationOfMachines = z.strictObject({
  check: z
    .enum(MACHINE_CHECK_IDS, `must be of ${MACHINE_CHECK_IDS.join(', ')}`)
    .describe('The id of a manual check of machines on premises.'),
  machines: z
    .array(onPremisesId('replicationProtectableItems', 'a machine'))
    .min(1)
    .max(MAX_VMS)
    .describe('The machines on premises, by their ARM ids.'),
  note,
});
/** A confirmation of one manual check, for VMs, a source, a site or machines on premises. */
export const ConfirmationRequest = z.union([
  ConfirmationOfVms,
  ConfirmationOfSource,
  ConfirmationOfSite,
  ConfirmationOfMachines,
]);
/** A confirmation of one manual check, for VMs, a source, a site or machines on premises. */
export type ConfirmationRequest = z.infer<typeof ConfirmationRequest>;

/** The schema that fits the body, so that errors match the intended kind of confirmation. */
export function confirmationSchemaFor(body: unknown): z.ZodType<ConfirmationRequest> {
  const has = (field: string): boolean => typeof body === 'object' && body !== null && field in body;
  if (has('source')) return ConfirmationOfSource;
  if (has('site')) return ConfirmationOfSite;
  return has('machines') ? ConfirmationOfMachines : ConfirmationOfVms;
}

/** Records a confirmation. Refuses unknown VMs and locations, and checks that Lifeboat sees itself. */
export async function confirmCheck(
  request: ConfirmationRequest,
  { id, name }: Caller,
): Promise<readonly ConfirmationDocument[]> {
  const now = await clock().now();
  const common = {
    check: request.check,
    by: { id, name },
    at: now.toISOString(),
    until: addSeconds(now, config().LIFEBOAT_CHECK_DAYS * 86_400).toISOString(),
    note: request.note ?? null,
  };
  const places = await placesOf(request);
  const documents = places.map((place): ConfirmationDocument => {
    const confirmation = { ...common, ...place };
    return {
      ...confirmationIdentityOf(confirmationNameOf(confirmationKeyOf(confirmation))),
      schema: SCHEMA_VERSION,
      version: 1,
      ...confirmation,
    };
  });
  await putConfirmations(documents);
  return documents;
}

type Place = Pick<ConfirmationDocument, 'vmId' | 'vmName' | 'vmFingerprint' | 'source' | 'target'>;

async function placesOf(request: ConfirmationRequest): Promise<readonly Place[]> {
  if ('vms' in request) return placesOfVms(request);
  if ('site' in request) return [await placeOfSite(request.site)];
  return 'machines' in request ? placesOfMachines(request.machines) : [await placeOfSource(request)];
}

/** The sites of the vault in which this site or machine is. */
async function readSitesAround(id: string): Promise<readonly SiteFacts[]> {
  const vaultId = idBefore(id, 'replicationFabrics');
  const vault = await withReadFaults(`the sites of ${nameOf(vaultId)}`, () => readFactsOfVault(vaultId));
  return vault?.sites ?? [];
}

const placeOnPremises = (id: string, name: string, fingerprint: string): Place => ({
  vmId: id.toLowerCase(),
  vmName: name,
  vmFingerprint: fingerprint,
  source: null,
  target: null,
});

async function placeOfSite(id: string): Promise<Place> {
  const site = (await readSitesAround(id)).find((candidate) => sameId(candidate.id, id));
  if (site) return placeOnPremises(site.id, site.name, siteFingerprintOf(site));
  throw rejected(
    422,
    'SiteUnknown',
    `There is no site ${id}, or it cannot be seen. Nothing was confirmed. GET /api/v1/sources/sites lists the sites.`,
  );
}

async function placesOfMachines(ids: readonly string[]): Promise<readonly Place[]> {
  const vaults = [
    ...new Map(ids.map((id) => [idBefore(id, 'replicationFabrics').toLowerCase(), id])).values(),
  ];
  const machines = (await Promise.all(vaults.map(readSitesAround))).flat().flatMap((site) => site.machines);
  const byId = new Map(machines.map((machine) => [machine.id.toLowerCase(), machine]));
  const unknown = ids.filter((id) => !byId.has(id.toLowerCase()));
  if (unknown.length > 0)
    throw rejected(
      422,
      'VmUnknown',
      `There is no machine ${unknown.join(', ')}, or it cannot be seen. Nothing was confirmed. GET ` +
        '/api/v1/sources/sites lists the machines.',
      { vms: unknown },
    );
  return ids.flatMap((id) => {
    const machine = byId.get(id.toLowerCase());
    return machine ? [placeOnPremises(machine.id, machine.name, machineFingerprintOf(machine))] : [];
  });
}

async function placesOfVms({
  check,
  vms: ids,
}: z.infer<typeof ConfirmationOfVms>): Promise<readonly Place[]> {
  // The checks of a VM do not depend on a target, so an unknown region needs no more reads.
  const { vms } = await readRequestFacts(
    PrepareRequest.parse({ vms: ids, target: { region: 'nowhere' } }),
    {},
  );
  const byId = new Map(vms.map((vm) => [vm.id.toLowerCase(), vm]));
  const unknown = ids.filter((id) => !byId.has(id.toLowerCase()));
  if (unknown.length > 0)
    throw rejected(
      422,
      'VmUnknown',
      `There is no VM ${unknown.join(', ')}, or it cannot be seen. Nothing was confirmed. GET ` +
        '/api/v1/sources/vms lists the VMs.',
      { vms: unknown },
    );
  return ids.map((id) => placeOfVm(check, byId.get(id.toLowerCase()) as SourceVm));
}

function placeOfVm(check: (typeof VM_CHECK_IDS)[number], vm: SourceVm): Place {
  if (!isManualCheckOf(check, vm))
    throw rejected(
      422,
      'CheckNotManual',
      `Lifeboat checks ${check} of ${vm.name} itself, so nobody can confirm it. Nothing was confirmed. ` +
        'Read the report: POST /api/v1/readiness.',
    );
  return {
    vmId: vm.id.toLowerCase(),
    vmName: vm.name,
    vmFingerprint: vmFingerprintOf(vm),
    source: null,
    target: null,
  };
}

async function placeOfSource({ source, target }: z.infer<typeof ConfirmationOfSource>): Promise<Place> {
  const request = PrepareRequest.parse({ source, target });
  assertLocations(await readRequestFacts(request, {}), request);
  return {
    vmId: null,
    vmName: null,
    vmFingerprint: null,
    source: { region: source.region, subscription: source.subscription.toLowerCase() },
    target,
  };
}

/** The confirmations of these VMs and of all sources, as facts of a preview. */
export async function readConfirmationFacts(vmIds: readonly string[]): Promise<AzureFacts['confirmations']> {
  const [documents, now] = await Promise.all([
    readConfirmationsOf(vmIds.map((id) => id.toLowerCase())),
    clock().now(),
  ]);
  return documents.map(
    ({ check, vmId, vmFingerprint, source, target, by, at, until, note }): CheckConfirmation => ({
      check,
      vmId,
      vmFingerprint,
      source,
      target,
      by,
      at,
      until,
      note,
      isExpired: Date.parse(until) <= now.getTime(),
    }),
  );
}

/** Withdraws a confirmation. Throws when the confirmation is unknown, or newer than the last read. */
export async function withdrawConfirmation(name: string): Promise<void> {
  const confirmation = await readConfirmation(name);
  if (!confirmation)
    throw rejected(
      404,
      'ConfirmationUnknown',
      `There is no confirmation ${name}. Nothing was changed. GET /api/v1/check-confirmations lists all.`,
    );
  if (await removeNamedDocument(confirmation)) return;
  throw rejected(
    409,
    'ConfirmationContended',
    `Others have confirmed the check ${confirmation.check} again, or withdrawn ${documentNameOf(confirmation)}, ` +
      'at the same time. Nothing was changed. Read it again.',
  );
}
