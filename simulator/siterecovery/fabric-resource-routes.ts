// The routes of a fabric's own networks, logical networks and storage classifications, and of the
// mappings of classifications.

import type { ConfigurationRecords, StorageMappingRecord } from './configuration-records.ts';
import { createByJob, removeByJob } from './configuration-writes.ts';
import type { FabricKind, FabricResource } from './fabric-kind.ts';
import {
  get,
  invalidResponse,
  namedResponse,
  notFoundResponse,
  propertiesOf,
  put,
  remove,
  textProperty,
  withFabric,
  type PathParameters,
  type VaultRequest,
  type VaultRoute,
} from './request.ts';
import { listResponse } from './responses.ts';
import { isSameName, lastSegment, parseFabricName, VAULT_TYPE } from './vault.ts';

type Fabric = ConfigurationRecords['fabric'];
type Kind = 'networks' | 'logicalNetworks' | 'storageClassifications';

const SEGMENTS: Readonly<Record<Kind, string>> = {
  networks: 'replicationNetworks',
  logicalNetworks: 'replicationLogicalNetworks',
  storageClassifications: 'replicationStorageClassifications',
};

const listOf = ({ vault, view }: VaultRequest, fabric: Fabric, kind: Kind): readonly FabricResource[] =>
  view.kindOf(fabric)[kind]?.(fabric, vault) ?? [];

const bodyOf =
  ({ vault, view }: VaultRequest, fabric: Fabric, kind: Kind) =>
  ({ name, properties }: FabricResource) => ({
    id: `${vault.fabricId(fabric.name)}/${SEGMENTS[kind]}/${name}`,
    name,
    type: `${VAULT_TYPE}/replicationFabrics/${SEGMENTS[kind]}`,
    properties:
      kind === 'networks'
        ? { fabricType: (view.kindOf(fabric) satisfies FabricKind).fabricType, ...properties }
        : properties,
  });

const resourceRoutes = (kind: Kind): VaultRoute[] => {
  const pattern = `replicationFabrics/{fabric}/${SEGMENTS[kind]}`;
  return [
    get(pattern, (request, names) =>
      withFabric(request, names, (name) => {
        const fabric = request.vault.requireFabric(name);
        return listResponse(listOf(request, fabric, kind).map(bodyOf(request, fabric, kind)));
      }),
    ),
    get(`${pattern}/{resource}`, (request, names) =>
      withFabric(request, names, (name) => {
        const fabric = request.vault.requireFabric(name);
        const body = bodyOf(request, fabric, kind);
        return namedResponse(request, listOf(request, fabric, kind), names['resource'] ?? '', body);
      }),
    ),
    get(SEGMENTS[kind], (request) =>
      listResponse(
        request.vault
          .fabrics()
          .flatMap((fabric) => listOf(request, fabric, kind).map(bodyOf(request, fabric, kind))),
      ),
    ),
  ];
};

const CLASSIFICATION = 'replicationFabrics/{fabric}/replicationStorageClassifications/{classification}';
const STORAGE_MAPPINGS = `${CLASSIFICATION}/replicationStorageClassificationMappings`;

const storageMappingId = ({ vault }: VaultRequest, { fabric, classification, name }: StorageMappingRecord) =>
  `${vault.fabricId(fabric)}/replicationStorageClassifications/${classification}` +
  `/replicationStorageClassificationMappings/${name}`;

const storageMappingBody = (request: VaultRequest, mapping: StorageMappingRecord) => ({
  id: storageMappingId(request, mapping),
  name: mapping.name,
  type: `${VAULT_TYPE}/replicationFabrics/replicationStorageClassifications/replicationStorageClassificationMappings`,
  properties: { targetStorageClassificationId: mapping.targetClassificationId },
});

/** Finds a classification, in the casing of its name. */
function findClassification(request: VaultRequest, fabric: string, name: string): string | undefined {
  const record = request.vault.fabric(fabric);
  return (
    record &&
    listOf(request, record, 'storageClassifications').find((found) => isSameName(found.name, name))?.name
  );
}

const mappingsOf = ({ vault }: VaultRequest, fabric: string, classification: string) =>
  vault
    .storageMappings()
    .filter(
      (mapping) => isSameName(mapping.fabric, fabric) && isSameName(mapping.classification, classification),
    );

function mapStorage(request: VaultRequest, names: PathParameters) {
  return withFabric(request, names, (fabric) => {
    const { classification: wanted = '', mapping: name = '' } = names;
    const classification = findClassification(request, fabric, wanted);
    if (classification === undefined) return notFoundResponse(request, wanted);
    const target = textProperty(propertiesOf(request), 'targetStorageClassificationId');
    const targetFabric = request.vault.fabric(parseFabricName(target) ?? '')?.name ?? '';
    const found = findClassification(request, targetFabric, lastSegment(target));
    if (found === undefined)
      return invalidResponse(request, `The storage classification '${target}' does not exist.`);
    if (found === classification)
      return invalidResponse(request, 'A storage classification cannot be mapped to itself.');
    const others = mappingsOf(request, fabric, classification).filter(
      (other) => !isSameName(other.name, name),
    );
    if (others[0])
      return invalidResponse(
        request,
        `The storage classification is mapped already, by '${others[0].name}'.`,
      );
    const thing = {
      name,
      fabric,
      classification,
      targetClassificationId: `${request.vault.fabricId(targetFabric)}/replicationStorageClassifications/${found}`,
    };
    const resource = storageMappingId(request, thing);
    return createByJob(request, { operation: 'mapStorage', kind: 'storageMapping', thing, resource });
  });
}

const storageMappingRoutes: VaultRoute[] = [
  get('replicationStorageClassificationMappings', (request) =>
    listResponse(request.vault.storageMappings().map((mapping) => storageMappingBody(request, mapping))),
  ),
  get(STORAGE_MAPPINGS, (request, names) =>
    withFabric(request, names, (fabric) =>
      listResponse(
        mappingsOf(request, fabric, names['classification'] ?? '').map((mapping) =>
          storageMappingBody(request, mapping),
        ),
      ),
    ),
  ),
  get(`${STORAGE_MAPPINGS}/{mapping}`, (request, names) =>
    withFabric(request, names, (fabric) =>
      namedResponse(
        request,
        mappingsOf(request, fabric, names['classification'] ?? ''),
        names['mapping'] ?? '',
        (mapping) => storageMappingBody(request, mapping),
      ),
    ),
  ),
  put(`${STORAGE_MAPPINGS}/{mapping}`, mapStorage),
  remove(`${STORAGE_MAPPINGS}/{mapping}`, (request, names) =>
    withFabric(request, names, (fabric) => {
      const { classification = '', mapping: name = '' } = names;
      const found = mappingsOf(request, fabric, classification).find((mapping) =>
        isSameName(mapping.name, name),
      );
      return found
        ? removeByJob(
            request,
            'unmapStorage',
            'storageMapping',
            `${found.fabric}/${found.classification}/${found.name}`,
            storageMappingId(request, found),
          )
        : notFoundResponse(request, name);
    }),
  ),
];

export const fabricResourceRoutes: VaultRoute[] = [
  ...resourceRoutes('networks'),
  ...resourceRoutes('logicalNetworks'),
  ...resourceRoutes('storageClassifications'),
  ...storageMappingRoutes,
];
