// What Lifeboat needs in Azure, in the region that survives. Names that the code knows too stand in agreement.json, once.
// The sign-in is made first, by entra.bicep; its outputs are parameters here.

@description('A short name; every resource is named after it. Letters, digits and single hyphens; it begins with a letter and ends without a hyphen.')
@minLength(3)
@maxLength(12)
param name string = 'lifeboat'

@description('The recovery region: Function App, task hub, Cosmos DB and Service Bus live together where the disaster is not.')
param location string = resourceGroup().location

@description('The client id of the app registration, as entra.bicep gives it out.')
param clientId string

@description('The identifier URI of the app registration, as entra.bicep gives it out.')
param identifierUri string

@description('The object id of the app registration, as entra.bicep gives it out.')
param applicationObjectId string

@description('The Recovery Services vaults that Lifeboat drives.')
param vaults { subscriptionId: string, resourceGroup: string, name: string }[]

@description('Where Lifeboat enables replication: the subscriptions of the VMs, of their targets, and of vaults that it makes.')
param managedSubscriptions string[] = []

@description('For vaults outside the managed subscriptions: the resource groups of the replicated VMs, and those that the VMs go to.')
param machineGroups { subscriptionId: string, resourceGroup: string }[] = []

@description('Whether VMs of the classic deployment model are replicated. Azure has retired the model, and may no longer know its rights.')
param classicModel bool = false

@description('Where call-backs may go: host[:port], or *.host; https and public, unless the entry begins with http:// or ends with " private".')
param callbackAddresses string[] = []

@description('Who sends commands by a queue: each has one of their own. callerId is the object id of their service principal, so that they are the same caller at the REST door.')
param senders { queue: string, callerId: string, name: string, role: string }[] = []

@description('Whether to make an action group that calls the alert webhook. Whoever deploys must be an owner of the app registration then.')
param alertsFromAzureMonitor bool = true

@description('Whether to bring back the Key Vault of an earlier deployment that was deleted; Azure keeps its name for 90 days.')
param recoverKeyVault bool = false

@description('Tags for every resource.')
param tags { *: string } = { application: 'lifeboat' }

var agreement = loadJsonContent('agreement.json')

var lowerName = toLower(name)
var letters = 'abcdefghijklmnopqrstuvwxyz'
var wrongCharacters = filter(range(0, length(lowerName)), i => !contains('${letters}0123456789-', substring(lowerName, i, 1)))
var isName = empty(wrongCharacters) && contains(letters, take(lowerName, 1)) && !endsWith(lowerName, '-') && !contains(lowerName, '--')
var unique = take(uniqueString(resourceGroup().id, lowerName), 6)
// Storage, Key Vault, Cosmos DB and Service Bus each refuse other names, one after the other and late.
var resourceName = isName ? '${lowerName}-${unique}' : fail('The name "${name}" must be letters, digits and single hyphens, begin with a letter and not end with a hyphen')

// A vault that is named twice, or in another case, is one vault.
var vaultsOnce = union(map(vaults, vault => mapValues(vault, value => toLower(value))), [])
// One role definition for each group, however many of its vaults are driven.
var vaultGroups = union(map(vaultsOnce, vault => { subscriptionId: vault.subscriptionId, resourceGroup: vault.resourceGroup }), [])
var vaultIds = [for vault in vaults: '/subscriptions/${vault.subscriptionId}/resourceGroups/${vault.resourceGroup}/providers/Microsoft.RecoveryServices/vaults/${vault.name}']

var listenersOfTopics = flatten(map(agreement.serviceBus.topics, (topic, i) => map(topic.subscriptions, listener => union(listener, { topic: i }))))

var agreedQueues = map(agreement.serviceBus.queues, queue => queue.name)
var furtherQueues = filter(union(map(senders, sender => toLower(sender.queue)), []), queue => !contains(agreedQueues, queue))

var storageBlobDataOwner = 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
var storageQueueDataContributor = '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
var storageTableDataContributor = '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
var durableTaskDataContributor = '0ad04412-c4d5-4796-b79c-f76d14c8d402'
var serviceBusDataSender = '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39'
var serviceBusDataReceiver = '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0'
var keyVaultSecretsUser = '4633458b-17de-408a-b874-0445c86b69e6'
var cosmosDataContributor = '00000000-0000-0000-0000-000000000002'

resource cosmos 'Microsoft.DocumentDB/databaseAccounts@2024-11-15' = {
  name: resourceName
  location: location
  tags: tags
  kind: 'GlobalDocumentDB'
  properties: {
    databaseAccountOfferType: 'Standard'
    locations: [{ locationName: location, failoverPriority: 0, isZoneRedundant: false }]
    // One write region, strong or session reads of it: a lost intent would be a second write.
    consistencyPolicy: { defaultConsistencyLevel: 'Strong' }
    enableMultipleWriteLocations: false
    disableLocalAuth: true
    minimalTlsVersion: 'Tls12'
    capabilities: [{ name: 'EnableServerless' }]
    backupPolicy: { type: 'Continuous', continuousModeProperties: { tier: 'Continuous30Days' } }
  }
}

resource database 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases@2024-11-15' = {
  parent: cosmos
  name: agreement.database
  properties: { resource: { id: agreement.database } }
}

resource containers 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers@2024-11-15' = [for container in agreement.containers: {
  parent: database
  name: container.id
  properties: {
    // Where the agreement names a time to live, documents may expire that say so themselves.
    resource: union({
      id: container.id
      partitionKey: { paths: [container.partitionKey], kind: 'Hash', version: 2 }
    }, contains(container, 'defaultTtl') ? { defaultTtl: container.defaultTtl } : {})
  }
}]

resource cosmosAccess 'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments@2024-11-15' = {
  parent: cosmos
  name: guid(cosmos.id, app.id, cosmosDataContributor)
  properties: {
    principalId: app.identity.principalId
    roleDefinitionId: '${cosmos.id}/sqlRoleDefinitions/${cosmosDataContributor}'
    scope: cosmos.id
  }
}

resource bus 'Microsoft.ServiceBus/namespaces@2024-01-01' = {
  name: resourceName
  location: location
  tags: tags
  sku: { name: 'Standard', tier: 'Standard' }
  properties: { disableLocalAuth: true, minimumTlsVersion: '1.2' }
}

resource topics 'Microsoft.ServiceBus/namespaces/topics@2024-01-01' = [for topic in agreement.serviceBus.topics: {
  parent: bus
  name: topic.name
  properties: {
    requiresDuplicateDetection: topic.requiresDuplicateDetection
    duplicateDetectionHistoryTimeWindow: topic.duplicateDetectionHistoryTimeWindow
    supportOrdering: true
  }
}]

// Who listens in another way adds a subscription to the agreement. What nobody reads is dropped after its time.
resource listeners 'Microsoft.ServiceBus/namespaces/topics/subscriptions@2024-01-01' = [for listener in listenersOfTopics: {
  parent: topics[listener.topic]
  name: listener.name
  properties: {
    requiresSession: listener.requiresSession
    defaultMessageTimeToLive: listener.defaultMessageTimeToLive
  }
}]

resource busAccess 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for role in [serviceBusDataSender, serviceBusDataReceiver]: {
  scope: bus
  name: guid(bus.id, name, role)
  properties: {
    principalId: app.identity.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
  }
}]

resource queues 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' = [for queue in agreement.serviceBus.queues: {
  parent: bus
  name: queue.name
  properties: toObject(filter(items(queue), one => one.key != 'name'), one => one.key, one => one.value)
}]

// As the first of the agreed ones.
resource moreQueues 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' = [for queue in furtherQueues: {
  parent: bus
  name: queue
  properties: toObject(filter(items(agreement.serviceBus.queues[0]), one => one.key != 'name'), one => one.key, one => one.value)
}]

resource sendersQueues 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' existing = [for sender in senders: {
  parent: bus
  name: sender.queue
}]

// Nobody but its sender may send to a queue: who a command comes from is known by the queue that it came through.
resource sendersAccess 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for (sender, i) in senders: {
  scope: sendersQueues[i]
  name: guid(bus.id, sender.queue, sender.callerId, serviceBusDataSender)
  properties: {
    principalId: sender.callerId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', serviceBusDataSender)
  }
  dependsOn: [queues, moreQueues]
}]

// A person puts the secrets callback-keys and alert-keys here, callback-keys as id=whsec_base64, alert-keys as sender/id=base64; nobody else ever sees them but the app.
resource secrets 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: resourceName
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enablePurgeProtection: true
    createMode: recoverKeyVault ? 'recover' : 'default'
  }
}

resource secretsAccess 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: secrets
  name: guid(secrets.id, name, keyVaultSecretsUser)
  properties: {
    principalId: app.identity.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', keyVaultSecretsUser)
  }
}

resource storage 'Microsoft.Storage/storageAccounts@2024-01-01' = {
  name: replace(resourceName, '-', '')
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: 'Standard_ZRS' }
  properties: {
    allowSharedKeyAccess: false
    allowBlobPublicAccess: false
    minimumTlsVersion: 'TLS1_2'
  }

  resource blobs 'blobServices' = {
    name: 'default'

    resource releases 'containers' = { name: 'releases' }
  }
}

resource storageAccess 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for role in [storageBlobDataOwner, storageQueueDataContributor, storageTableDataContributor]: {
  scope: storage
  name: guid(storage.id, name, role)
  properties: {
    principalId: app.identity.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
  }
}]

resource scheduler 'Microsoft.DurableTask/schedulers@2025-11-01' = {
  name: resourceName
  location: location
  tags: tags
  properties: { ipAllowlist: ['0.0.0.0/0'], sku: { name: 'Consumption' } }

  resource hub 'taskHubs' = { name: agreement.taskHub }
}

resource schedulerAccess 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: scheduler
  name: guid(scheduler.id, name, durableTaskDataContributor)
  properties: {
    principalId: app.identity.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', durableTaskDataContributor)
  }
}

resource logs 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: resourceName
  location: location
  tags: tags
  properties: { sku: { name: 'PerGB2018' }, retentionInDays: 90 }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: resourceName
  location: location
  tags: tags
  kind: 'web'
  properties: { Application_Type: 'web', WorkspaceResourceId: logs.id }
}

resource serverFarm 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: resourceName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: resourceName
  location: location
  tags: tags
  kind: 'functionapp,linux'
  identity: { type: 'SystemAssigned' }
  properties: {
    serverFarmId: serverFarm.id
    httpsOnly: true
    siteConfig: { minTlsVersion: '1.2', ftpsState: 'Disabled' }
    functionAppConfig: {
      runtime: { name: 'node', version: agreement.nodeVersion }
      scaleAndConcurrency: { instanceMemoryMB: 2048, maximumInstanceCount: 40, alwaysReady: [{ name: 'http', instanceCount: 1 }] }
      deployment: {
        storage: { type: 'blobContainer', value: '${storage.properties.primaryEndpoints.blob}releases', authentication: { type: 'SystemAssignedIdentity' } }
      }
    }
  }
  dependsOn: [storage::blobs::releases]

  resource settings 'config' = {
    name: 'appsettings'
    properties: union(agreement.settings.optional, {
      LIFEBOAT_COSMOS_ENDPOINT: cosmos.properties.documentEndpoint
      LIFEBOAT_TENANT_ID: tenant().tenantId
      LIFEBOAT_AUDIENCE: join([clientId, identifierUri], ',')
      LIFEBOAT_VAULTS: join(vaultIds, ',')
      LIFEBOAT_SERVICEBUS: '${bus.name}.servicebus.windows.net'
      LIFEBOAT_QUEUES: string(senders)
      '${agreement.commandConnection}__fullyQualifiedNamespace': '${bus.name}.servicebus.windows.net'
      LIFEBOAT_CALLBACKS: join(callbackAddresses, ',')
      LIFEBOAT_REGION: location
      LIFEBOAT_CALLBACK_KEYS: '@Microsoft.KeyVault(VaultName=${secrets.name};SecretName=callback-keys)'
      LIFEBOAT_ALERT_KEYS: '@Microsoft.KeyVault(VaultName=${secrets.name};SecretName=alert-keys)'
      LIFEBOAT_ADDRESS: 'https://${app.properties.defaultHostName}'
      FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '1200000'
      AzureWebJobsDisableHomepage: 'true'
      AzureWebJobsStorage__accountName: storage.name
      DURABLE_TASK_SCHEDULER_CONNECTION_STRING: 'Endpoint=${scheduler.properties.endpoint};Authentication=ManagedIdentity'
      APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
    })
    // References to secrets are resolved when they are written.
    dependsOn: [secretsAccess]
  }
}

// Alert rules of Azure Monitor name this group; its secure webhook is the sender that Lifeboat knows.
resource alertsGroup 'Microsoft.Insights/actionGroups@2023-01-01' = if (alertsFromAzureMonitor) {
  name: resourceName
  location: 'global'
  tags: tags
  properties: {
    groupShortName: name
    enabled: true
    webhookReceivers: [{
      name: 'lifeboat'
      serviceUri: 'https://${app.properties.defaultHostName}/api/v1/alerts/azure-monitor'
      useCommonAlertSchema: true
      useAadAuth: true
      objectId: applicationObjectId
      identifierUri: identifierUri
      tenantId: tenant().tenantId
    }]
  }
}

module subscriptionAccess 'subscription-access.bicep' = [for id in managedSubscriptions: {
  scope: subscription(id)
  params: { name: name, principalId: app.identity.principalId, classicModel: classicModel }
}]

module vaultAccess 'vault-access.bicep' = [for group in vaultGroups: {
  scope: resourceGroup(group.subscriptionId, group.resourceGroup)
  params: {
    name: name
    principalId: app.identity.principalId
    vaultNames: map(filter(vaultsOnce, vault => vault.subscriptionId == group.subscriptionId && vault.resourceGroup == group.resourceGroup), vault => vault.name)
  }
}]

module machineAccess 'machine-access.bicep' = [for group in machineGroups: {
  scope: resourceGroup(group.subscriptionId, group.resourceGroup)
  params: { name: name, principalId: app.identity.principalId, classicModel: classicModel }
}]

output appName string = app.name
output address string = 'https://${app.properties.defaultHostName}'
output keyVault string = secrets.name
output actionGroupId string = alertsFromAzureMonitor ? alertsGroup.id : ''
