// Manual checks that a person confirmed: they pass until the VM changes or the confirmation ends.
import type { CheckConfirmation } from '../../../shared/azure/facts.ts';
import {
  machineFingerprintOf,
  siteFingerprintOf,
  vmFingerprintOf,
} from '../../../shared/enabling/rules/checks/confirmation.ts';
import { previewRequest } from '../../../shared/enabling/rules/previewRequest.ts';
import { FACTS, makeRequest, makeVm, onlyVm, PRODUCTION, vmId } from './facts.ts';

const COMMON = {
  by: { id: 'a', name: 'Ada' },
  at: '2026-01-05T08:00:00.000Z',
  until: '2026-04-05T08:00:00.000Z',
  note: 'by hand',
  isExpired: false,
} as const;
const web = FACTS.vms.find(({ name }) => name === 'web') ?? makeVm('web');
const ofWeb: CheckConfirmation = {
  ...COMMON,
  check: 'PRE-6',
  vmId: vmId('web').toLowerCase(),
  vmFingerprint: vmFingerprintOf(web),
  source: null,
  target: null,
};
const ofSource: CheckConfirmation = {
  ...COMMON,
  check: 'PRE-9',
  vmId: null,
  vmFingerprint: null,
  source: { region: 'eastasia', subscription: PRODUCTION.toUpperCase() },
  target: { region: 'southeastasia' },
};
const preview = (confirmations: readonly CheckConfirmation[], name = 'web') =>
  previewRequest({ ...FACTS, confirmations }, makeRequest([name]));
const checkOfVm = (confirmations: readonly CheckConfirmation[], id: string, name = 'web') =>
  onlyVm(preview(confirmations, name)).checks.find((check) => check.id === id);
const checkOfSource = (confirmations: readonly CheckConfirmation[], id: string) =>
  preview(confirmations).checks.find((check) => check.id === id);

test('an unconfirmed check names the request that confirms it [PRE-11]', () => {
  expect(checkOfVm([], 'PRE-6')).toMatchObject({
    verdict: 'manual',
    confirmation: null,
    remedy: expect.stringContaining('POST /api/v1/check-confirmations') as string,
  });
});

test('a confirmed check of a VM passes with person and time, for this VM alone [PRE-11]', () => {
  const { by, at, until, note } = COMMON;
  expect(checkOfVm([ofWeb], 'PRE-6')).toEqual({
    id: 'PRE-6',
    name: 'Trusted root certificates',
    verdict: 'pass',
    message: `Ada confirmed this at ${at}, until ${until}.`,
    remedy: null,
    confirmation: { by, at, until, note },
  });
  expect(checkOfVm([ofWeb], 'PRE-6', 'app')?.verdict).toBe('manual');
  expect(checkOfSource([ofWeb], 'PRE-9')?.verdict).toBe('manual');
});

test('a changed VM or the end of its time makes the check manual again [PRE-11]', () => {
  const changed = { ...ofWeb, vmFingerprint: vmFingerprintOf({ ...web, size: 'Standard_D8s_v5' }) };
  expect(checkOfVm([changed], 'PRE-6')).toMatchObject({
    verdict: 'manual',
    message: expect.stringContaining('The VM has changed since.') as string,
    confirmation: { by: COMMON.by },
  });
  expect(checkOfVm([{ ...ofWeb, isExpired: true }], 'PRE-6')).toMatchObject({
    verdict: 'manual',
    message: expect.stringContaining('Confirm it again.') as string,
  });
});

test('the state of a VM is no change, its disks and networks are [PRE-11]', () => {
  const fingerprint = vmFingerprintOf(web);
  expect(vmFingerprintOf({ ...web, power: 'deallocated', agentReady: null })).toBe(fingerprint);
  expect(vmFingerprintOf({ ...web, disks: [...web.disks].reverse() })).toBe(fingerprint);
  expect(vmFingerprintOf({ ...web, disks: web.disks.slice(1) })).not.toBe(fingerprint);
  expect(vmFingerprintOf({ ...web, nics: web.nics.map((nic) => ({ ...nic, subnet: 'other' })) })).not.toBe(
    fingerprint,
  );
});

test('a confirmed check of a source passes for its target region alone [PRE-11] [PRE-9]', () => {
  expect(checkOfSource([ofSource], 'PRE-9')).toMatchObject({ verdict: 'pass', remedy: null });
  expect(checkOfSource([ofSource], 'PRE-10')?.verdict).toBe('manual');
  expect(checkOfSource([{ ...ofSource, target: { region: 'southindia' } }], 'PRE-9')?.verdict).toBe('manual');
  const vms = onlyVm(preview([{ ...ofSource, check: 'PRE-10' }])).checks;
  expect(vms.filter(({ id }) => id === 'PRE-10').map(({ verdict }) => verdict)).toContain('manual');
});

test('the contact of a host is no change of its site, its versions and other hosts are [PRE-11]', () => {
  const host = {
    name: 'hv-1',
    connected: true,
    lastHeartbeat: null,
    providerVersion: '5.1',
    agentVersion: '2.0',
  };
  const fingerprintWith = (...hosts: readonly (typeof host)[]): string =>
    siteFingerprintOf({
      id: '/site',
      name: 'site',
      scenario: 'hyperVToAzure',
      containerId: null,
      hosts,
      machines: [],
    });
  const fingerprint = fingerprintWith(host);
  expect(fingerprintWith({ ...host, connected: false })).toBe(fingerprint);
  expect(fingerprintWith({ ...host, providerVersion: '5.2' })).not.toBe(fingerprint);
  expect(fingerprintWith(host, { ...host, name: 'hv-2' })).not.toBe(fingerprint);
});

test('another disk or system is a change of a machine on premises [PRE-11]', () => {
  const machine = {
    id: '/m',
    name: 'm',
    itemId: null,
    generation: '1',
    osType: null,
    os: null,
    disks: [{ id: '/d', name: 'd', sizeMb: 1024 }],
    readinessErrors: [],
    unsupportedParts: [],
  };
  const fingerprint = machineFingerprintOf(machine);
  expect(machineFingerprintOf({ ...machine, itemId: '/item' })).toBe(fingerprint);
  expect(machineFingerprintOf({ ...machine, osType: 'Linux' })).not.toBe(fingerprint);
  expect(machineFingerprintOf({ ...machine, disks: [] })).not.toBe(fingerprint);
});
