// The routes of storage accounts.

import * as z from 'zod';

import type { SimulatorResponse } from '../../wire/exchange.ts';
import { armError, invalidRequest, ok } from '../responses.ts';
import { storageAccountResource } from '../build/common.ts';
import { subscriptionId } from '../ids.ts';
import {
  kindRoutes,
  type ResourceKind,
  type CreationResult,
  type ResourceDefinition,
} from '../resource-kinds.ts';
import { get, post, SUBSCRIPTION, type ArmRequest, type ArmRoute } from '../request.ts';
import { RESOURCE_TYPES } from '../resource-types.ts';
import type { AzureWorld, Region } from '../world.ts';

/** The account kinds that each SKU supports. */
const SKUS: Readonly<Record<string, readonly string[]>> = {
  Standard_LRS: ['StorageV2', 'Storage', 'BlobStorage'],
  Standard_ZRS: ['StorageV2'],
  Standard_GRS: ['StorageV2', 'Storage', 'BlobStorage'],
  Standard_RAGRS: ['StorageV2', 'Storage', 'BlobStorage'],
  Standard_GZRS: ['StorageV2'],
  Standard_RAGZRS: ['StorageV2'],
  Premium_LRS: ['StorageV2', 'Storage', 'BlockBlobStorage', 'FileStorage'],
  Premium_ZRS: ['BlockBlobStorage', 'FileStorage'],
};
const NAME = /^[a-z0-9]{3,24}$/;
const INVALID_NAME =
  'is not a valid storage account name. Storage account name must be between 3 and 24 ' +
  'characters in length and use numbers and lower-case letters only.';

/** Account names are unique in all of Azure. */
const findAccount = (world: AzureWorld, name: string) =>
  world.list({ type: RESOURCE_TYPES.storageAccount }).find((account) => account.name === name);
const isZonal = (sku: string): boolean => /ZRS$/.test(sku);
const isOfferedIn = ({ zones }: Region, sku: string): boolean => !isZonal(sku) || zones.length > 0;

function createAccount(
  { world }: ArmRequest,
  { id, name, location, tags, sku, kind, existing }: ResourceDefinition,
): CreationResult {
  const skuName = String(sku['name']);
  const refuse = (status: number, code: string, message: string): CreationResult => ({
    refused: armError(status, code, message),
  });
  if (!NAME.test(name)) return refuse(400, 'AccountNameInvalid', `${name} ${INVALID_NAME}`);
  const kinds = SKUS[skuName];
  if (kinds === undefined)
    return refuse(
      400,
      'InvalidValue',
      `The value '${skuName}' is not allowed for property sku.name. Allowed values are ` +
        `'${Object.keys(SKUS).join(', ')}'.`,
    );
  if (kind === undefined)
    return refuse(400, 'InvalidRequestPropertyValue', "The value 'null' is not allowed for property kind.");
  if (!kinds.includes(kind))
    return refuse(
      400,
      'InvalidRequestPropertyValue',
      `The value '${skuName}' is not allowed for property sku of an account of the kind ${kind}.`,
    );
  const holder = findAccount(world, name);
  if (holder && holder.id.toLowerCase() !== id.toLowerCase())
    return refuse(409, 'StorageAccountAlreadyTaken', `The storage account named ${name} is already taken.`);
  const region = world.region(location);
  if (region && !isOfferedIn(region, skuName))
    return refuse(400, 'InvalidSkuForLocation', `The SKU ${skuName} is not offered in ${location}.`);
  if (existing?.kind !== undefined && existing.kind !== kind)
    return refuse(
      409,
      'AccountPropertyCannotBeUpdated',
      `The property 'kind' was specified in the input, but it cannot be updated from ` +
        `${existing.kind} to ${kind}.`,
    );
  if (
    existing &&
    existing.sku?.['name'] !== skuName &&
    (isZonal(skuName) ||
      skuName.startsWith('Premium') ||
      String(existing.sku?.['name']).startsWith('Premium'))
  ) {
    return refuse(
      409,
      'StorageAccountTypeCannotBeUpdated',
      `The account type cannot be changed from ${String(existing.sku?.['name'])} to ${skuName}.`,
    );
  }
  return storageAccountResource({ id, location, sku: skuName, kind, tags });
}

const accountKind: ResourceKind = {
  type: RESOURCE_TYPES.storageAccount,
  create: createAccount,
  creationStyle: 'accepted',
  seconds: 18,
  canPatchTags: true,
  checkRemoval: () => undefined,
  removalStyle: 'settled',
};

const nameShape = z.looseObject({ name: z.string() });

function checkName({ world, exchange }: ArmRequest): SimulatorResponse {
  const read = nameShape.safeParse(exchange.json());
  if (!read.success) return invalidRequest(z.prettifyError(read.error));
  const { name } = read.data;
  if (!NAME.test(name))
    return ok({ nameAvailable: false, reason: 'AccountNameInvalid', message: `${name} ${INVALID_NAME}` });
  return ok(
    findAccount(world, name)
      ? {
          nameAvailable: false,
          reason: 'AlreadyExists',
          message: `The storage account named ${name} is already taken.`,
        }
      : { nameAvailable: true },
  );
}

const skuBodies = ({ world }: ArmRequest): unknown[] =>
  world.regions().flatMap((region) =>
    Object.entries(SKUS)
      .filter(([name]) => isOfferedIn(region, name))
      .flatMap(([name, kinds]) =>
        kinds.map((kind) => ({
          resourceType: 'storageAccounts',
          name,
          tier: name.split('_')[0],
          kind,
          locations: [region.name],
          capabilities: [],
          restrictions: [],
        })),
      ),
  );

export const storageRoutes: readonly ArmRoute[] = [
  ...kindRoutes(accountKind),
  post(`${SUBSCRIPTION}/providers/Microsoft.Storage/checkNameAvailability`, checkName),
  get(`${SUBSCRIPTION}/providers/Microsoft.Storage/skus`, (request) => ok({ value: skuBodies(request) })),
  get(
    `${SUBSCRIPTION}/providers/Microsoft.Storage/locations/{location}/usages`,
    ({ world }, { subscription = '', location = '' }) => {
      const used = world
        .list({ type: RESOURCE_TYPES.storageAccount, under: subscriptionId(subscription) })
        .filter((account) => account.location === world.region(location)?.name).length;
      return ok({
        value: [
          {
            unit: 'Count',
            currentValue: used,
            limit: 250,
            name: { value: 'StorageAccounts', localizedValue: 'Storage Accounts' },
          },
        ],
      });
    },
  ),
];
