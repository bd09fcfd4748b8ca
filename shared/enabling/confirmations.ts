// Records that persons confirm manual checks, and reads the confirmations for previews. A check that
// nobody can see in Azure passes with a person and a time. The confirmation routes call this module.
import * as z from 'zod';
import type { Caller } from '../access/caller.ts';
import type { AzureFacts, CheckConfirmation, SourceVm } from '../azure/facts.ts';
import { addSeconds, clock } from '../core/clock.ts';
import { config } from '../core/config.ts';
import { rejected } from '../core/errors.ts';
import { confirmationNameOf } from '../core/ids.ts';
import { documentNameOf, removeNamedDocument } from '../store/namedDocuments.ts';
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
/** A confirmation of one manual check, for VMs or for a source. */
export const ConfirmationRequest = z.union([ConfirmationOfVms, ConfirmationOfSource]);
/** A confirmation of one manual check, for VMs or for a source. */
export type ConfirmationRequest = z.infer<typeof ConfirmationRequest>;

/** The schema that fits the body, so that errors match the intended kind of confirmation. */
export const confirmationSchemaFor = (body: unknown): z.ZodType<ConfirmationRequest> =>
  typeof body === 'object' && body !== null && 'source' in body ? ConfirmationOfSource : ConfirmationOfVms;

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
  const places = 'vms' in request ? await placesOfVms(request) : [await placeOfSource(request)];
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
