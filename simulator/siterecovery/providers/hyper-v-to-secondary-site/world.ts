// Looks up VMM servers with their clouds, hosts, networks and storage.

import { hash } from 'node:crypto';

import type { EnvironmentVmmServer } from '../../../environments/vmm-schema.ts';
import type { ContainerPath, OnPremisesMachine, OnPremisesServer } from '../../configuration-records.ts';
import { guidOf } from '../../ids.ts';
import type { OnPremises } from '../../on-premises.ts';
import { isSameName, lastSegment, parseFabricName, type Vault } from '../../vault.ts';

export const VMM_KINDS = { server: 'VmmServer', node: 'VmmNode', host: 'VmmHost' } as const;

export type VmmFacts = Omit<EnvironmentVmmServer, 'virtualMachines'>;
export type VmmCloud = VmmFacts['clouds'][number];
export type VmmHost = VmmFacts['hosts'][number];
export type VmNetwork = VmmFacts['vmNetworks'][number];

/** What only VMM knows of a machine. */
export interface MachineFacts {
  readonly cloud?: string | undefined;
  readonly classification?: string | undefined;
  /** The host to which Hyper-V Replica replicates the machine, without Site Recovery. */
  readonly replicaOn?: string | undefined;
  /** A replica, or the machine of a test failover. */
  readonly role?: 'replica' | 'test' | undefined;
  /** The disks came with a replication. The free space of the environment does not contain them. */
  readonly isMade?: boolean | undefined;
}

export const factsOf = (server: OnPremisesServer | undefined): VmmFacts =>
  server?.facts as unknown as VmmFacts;
export const machineFacts = (machine: OnPremisesMachine): MachineFacts => machine.facts ?? {};

/** A VMM fabric has 64 hexadecimal digits as its name. */
export const fabricNameOf = (vault: Vault, server: string): string =>
  hash('sha256', `${vault.key}\n${server}`);
export const cloudId = (server: string, cloud: string): string => guidOf(server, 'cloud', cloud);
export const networkId = (server: string, network: string): string => guidOf(server, 'network', network);
export const logicalNetworkId = (server: string, network: string): string =>
  guidOf(server, 'logicalNetwork', network);
export const classificationId = (server: string, classification: string): string =>
  guidOf(server, 'classification', classification);

/** Returns the VMM server of a fabric, registered or not. */
export function serverOf(vault: Vault, fabric: string): OnPremisesServer | undefined {
  const server = vault.fabric(fabric)?.settings['server'];
  return typeof server === 'string' ? vault.onPremises.server(server) : undefined;
}

/** True when the server can do work for the vault: it is registered and answers. */
export const isReached = (vault: Vault, server: OnPremisesServer | undefined): boolean =>
  server?.registered?.vault === vault.key && !vault.onPremises.isDark(server.name);

export interface PlacedCloud {
  readonly server: OnPremisesServer;
  readonly facts: VmmFacts;
  readonly cloud: VmmCloud;
  readonly hosts: readonly VmmHost[];
}

export function findCloud(vault: Vault, { fabric, container }: ContainerPath): PlacedCloud | undefined {
  const server = serverOf(vault, fabric);
  const facts = factsOf(server);
  const cloud = server && facts.clouds.find(({ name }) => isSameName(cloudId(server.name, name), container));
  if (!cloud) return undefined;
  return {
    server,
    facts,
    cloud,
    hosts: facts.hosts.filter(({ hostGroup }) => cloud.hostGroups.includes(hostGroup)),
  };
}

export interface FoundNetwork {
  readonly server: OnPremisesServer;
  readonly network: VmNetwork;
}

/** Finds the VM network of an id of Site Recovery. */
export function findNetwork(vault: Vault, id: string): FoundNetwork | undefined {
  const server = serverOf(vault, parseFabricName(id) ?? '');
  const network =
    server &&
    factsOf(server).vmNetworks.find(({ name }) => isSameName(networkId(server.name, name), lastSegment(id)));
  return network && { server, network };
}

/** Returns the names of the VM networks that replace a network, by its mappings. */
export function mappedNetworks(vault: Vault, from: string, network: string, to: string): string[] {
  const [source, target] = [serverOf(vault, from), serverOf(vault, to)];
  return vault
    .networkMappings(from)
    .filter(
      (mapping) =>
        source !== undefined &&
        isSameName(mapping.network, networkId(source.name, network)) &&
        isSameName(mapping.recoveryFabric, to),
    )
    .map(({ recoveryNetworkId }) => findNetwork(vault, recoveryNetworkId))
    .filter((found) => found?.server.name === target?.name)
    .map((found) => found?.network.name ?? '');
}

/** Returns the networks from which a mapping leads to this network. */
export function networksMappedTo(vault: Vault, home: string, away: string, network: string): string[] {
  const names = factsOf(serverOf(vault, home)).vmNetworks.map(({ name }) => name);
  return names.filter((name) => mappedNetworks(vault, home, name, away).includes(network));
}

/** Returns the classification that a mapping gives to replicas of a classification. */
export function mappedClassification(
  vault: Vault,
  from: string,
  classification: string,
  to: string,
): string | undefined {
  const [source, target] = [serverOf(vault, from), serverOf(vault, to)];
  const mapping = vault
    .storageMappings()
    .find(
      (found) =>
        isSameName(found.fabric, from) &&
        isSameName(parseFabricName(found.targetClassificationId) ?? '', to) &&
        isSameName(found.classification, classificationId(source?.name ?? '', classification)),
    );
  return (
    mapping &&
    factsOf(target).classifications.find((name) =>
      isSameName(classificationId(target?.name ?? '', name), lastSegment(mapping.targetClassificationId)),
    )
  );
}

/** The free space of a place after the disks that replications brought. */
export function freeSpaceOf(onPremises: OnPremises, place: VmmFacts['storage'][number]): number {
  const disks = onPremises
    .machines()
    .filter((machine) => machineFacts(machine).isMade)
    .flatMap((machine) => machine.disks);
  return disks
    .filter(({ datastore }) => datastore === place.name)
    .reduce((free, { sizeInGb }) => free - sizeInGb, place.freeInGb);
}
