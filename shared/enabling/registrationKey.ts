// Makes a registration key: a file with which servers on premises register in a vault. The key is a
// secret, so Lifeboat hands it over once and keeps no copy.
import { randomBytes } from 'node:crypto';
import type { Fabric } from '@azure/arm-recoveryservices-siterecovery';
import * as z from 'zod';
import { collectAll, recoveryServicesClient, siteRecoveryClient } from '../azure/clients.ts';
import { withReadFaults } from '../azure/readFaults.ts';
import {
  issueCertificate,
  readIntegrityKey,
  writeIntegrityKey,
  type IssuedCertificate,
} from '../azure/vaultCredentials.ts';
import { nameOf, regionName, vaultAddressOf } from '../core/armId.ts';
import { clock } from '../core/clock.ts';
import { rejected } from '../core/errors.ts';
import { enablingDriverFor, requireCapabilities } from '../scenarios/drivers.ts';
import type { RegistrationSupport } from '../scenarios/enabling/registration.ts';
import { ReplicationGoal, ResourceName } from '../scenarios/enabling/requestFields.ts';
import { sameId } from '../siterecovery/item.ts';
import { checkGoal } from './rules/request/goal.ts';
import { registrationFile, type KeySite } from './rules/registrationFile.ts';

/** Site Recovery takes keys of at most five days. */
const KEY_HOURS = 120;
const INTEGRITY_KEY_BYTES = 128;

/** A request for a registration key. */
export const RegistrationKeyRequest = z.strictObject({
  goal: ReplicationGoal.describe('The source and the target of the replication. It selects the scenario.'),
  site: ResourceName.optional().describe(
    'The name of the site in which the servers register. Left out: the key opens the whole vault.',
  ),
});
/** A request for a registration key. */
export type RegistrationKeyRequest = z.infer<typeof RegistrationKeyRequest>;

/** A registration key with its instructions. */
export interface RegistrationKey {
  readonly vault: string;
  readonly site: string | null;
  readonly fileName: string;
  /** ISO time. */
  readonly validUntil: string;
  /** The content of the file. A secret. */
  readonly key: string;
  readonly steps: readonly string[];
}

/** Makes a key of this vault. Refuses goals without a registration, and unknown sites. */
export async function makeRegistrationKey(
  vaultId: string,
  { goal, site: wantedSite }: RegistrationKeyRequest,
): Promise<RegistrationKey> {
  const registration = registrationFor(goal);
  const { subscription, resourceGroup, vault } = vaultAddressOf(vaultId);
  const { location, site } = await withReadFaults(`the vault ${vaultId}`, async () => {
    const [found, fabrics] = await Promise.all([
      (await recoveryServicesClient(subscription)).vaults.get(resourceGroup, vault),
      collectAll((await siteRecoveryClient(subscription)).replicationFabrics.list(vault, resourceGroup)),
    ]);
    return { location: regionName(found.location), site: siteFor(registration, wantedSite, fabrics, vault) };
  });
  const now = await clock().now();
  const stamp = now.toISOString().slice(0, 19).replaceAll(':', '-');
  const integrityKey = await ensureIntegrityKey(vaultId);
  const certificate = await issueCertificate(vaultId, `CN=CB_${vault}-${stamp}-vaultcredentials`, KEY_HOURS);
  const fileName = `${[site?.name, vault, stamp].filter((part) => part !== undefined).join('_')}.VaultCredentials`;
  const validUntil = validityEndOf(certificate, now);
  return {
    vault: vaultId,
    site: site?.name ?? null,
    fileName,
    validUntil,
    key: registrationFile({ subscription, resourceGroup, vault, location }, site, certificate, integrityKey),
    steps: registration.stepsWith({
      fileName,
      validUntil,
      vaultId,
      vaultName: vault,
      site: site?.name ?? null,
    }),
  };
}

function registrationFor(goal: ReplicationGoal): RegistrationSupport {
  const refusal = checkGoal(goal);
  if (refusal) throw rejected(422, refusal.code, `${refusal.message} No key was made.`);
  const driver = enablingDriverFor(goal);
  const { registration } = requireCapabilities(driver.name);
  if (registration) return registration;
  throw rejected(
    422,
    'NothingToRegister',
    `${driver.title} has no servers that register, so there is no key. Enable the VMs directly. No key was made.`,
  );
}

/** Returns null when the key opens the whole vault. */
function siteFor(
  { isSite }: RegistrationSupport,
  wanted: string | undefined,
  fabrics: readonly Fabric[],
  vault: string,
): KeySite | null {
  if (!isSite) {
    if (wanted === undefined) return null;
    throw rejected(
      422,
      'SettingNotOfScenario',
      'A key of this scenario opens the whole vault. Leave "site" out. No key was made.',
    );
  }
  const sites = fabrics.filter(isSite).map(({ id = '', name, properties }) => ({
    fabric: name ?? nameOf(id),
    name: properties?.friendlyName ?? name ?? nameOf(id),
    id: properties?.internalIdentifier ?? '',
  }));
  const found = sites.find(
    ({ name, fabric }) => wanted !== undefined && (sameId(name, wanted) || sameId(fabric, wanted)),
  );
  if (found) return found;
  const names = sites.map(({ name }) => name).join(', ') || 'none';
  throw rejected(
    422,
    'SiteUnknown',
    wanted === undefined
      ? `Name the site in "site". The sites of the vault ${vault} are: ${names}. No key was made.`
      : `The vault ${vault} has no site "${wanted}". Its sites are: ${names}. Send "prepareVault" to make a site. ` +
          'No key was made.',
  );
}

/** A new vault has no key for messages: the first registration key makes it. */
async function ensureIntegrityKey(vaultId: string): Promise<string> {
  const existing = await readIntegrityKey(vaultId);
  if (existing !== undefined) return existing;
  await writeIntegrityKey(vaultId, randomBytes(INTEGRITY_KEY_BYTES).toString('base64'));
  // Another request may have written its own key meanwhile. The vault knows only the last one.
  return (await readIntegrityKey(vaultId)) ?? '';
}

/** The certificate can outlive the key, which ends after five days. */
function validityEndOf({ validTo }: IssuedCertificate, now: Date): string {
  const keyEnd = now.getTime() + KEY_HOURS * 3_600_000;
  return new Date(Math.min(validTo.getTime(), keyEnd)).toISOString();
}
