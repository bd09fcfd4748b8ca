// What one VMM server for both sites allows.

export interface SingleServerRequest {
  readonly sourceServer: string;
  readonly targetServer: string;
  readonly sourceCloud: string;
  readonly targetCloud: string;
  readonly initialReplication: 'now' | 'atTime' | 'offline';
  /** The virtual machine that the server runs in, and the machines of the source cloud. */
  readonly serverMachine: string | null;
  readonly machinesInSourceCloud: readonly string[];
}

export type SingleServerProblem = 'SameCloud' | 'OfflineWithOneServer' | 'VmmServerInProtectedCloud';

/** Returns the reasons against a replication within one VMM server. */
export function singleServerProblems(request: SingleServerRequest): readonly SingleServerProblem[] {
  const isSingle = request.sourceServer === request.targetServer;
  const { serverMachine, machinesInSourceCloud } = request;
  return [
    ...(isSingle && request.sourceCloud === request.targetCloud ? (['SameCloud'] as const) : []),
    ...(isSingle && request.initialReplication === 'offline' ? (['OfflineWithOneServer'] as const) : []),
    ...(serverMachine !== null && machinesInSourceCloud.includes(serverMachine)
      ? (['VmmServerInProtectedCloud'] as const)
      : []),
  ];
}

/** What to say to somebody with one server for both sites. */
export const singleServerAdvice = ({ sourceServer, targetServer }: SingleServerRequest): readonly string[] =>
  sourceServer === targetServer
    ? [
        'Install SQL Server in the virtual machine of the VMM server.',
        'Two VMM servers, or Azure as the target, are better: one server fails with its site.',
      ]
    : [];
