'use strict';
// Leads a deployment through its whole life with azure-asm-compute, unmodified, and prints what it saw as JSON.
// Told by the environment: SIMULATOR_URL, SIMULATOR_SUBSCRIPTION, SIMULATOR_CERTIFICATE (empty over plain HTTP),
// PACKAGE_URL, CONFIGURATION and OTHER_CONFIGURATION (base64).

const fs = require('fs');
const util = require('util');
const compute = require(process.env.CLIENT_MODULES + '/azure-asm-compute');
const common = require(process.env.CLIENT_MODULES + '/azure-common');

const subscriptionId = process.env.SIMULATOR_SUBSCRIPTION;
const certificate = process.env.SIMULATOR_CERTIFICATE;
const credentials = certificate
  ? compute.createCertificateCloudCredentials({ subscriptionId, pem: fs.readFileSync(certificate, 'utf8') })
  : Object.assign(new common.AnonymousCloudCredentials(), { subscriptionId });
const client = compute.createComputeManagementClient(credentials, process.env.SIMULATOR_URL);
client.longRunningOperationInitialTimeout = 0;
client.longRunningOperationRetryTimeout = 0.05;

const decode = (text) => Buffer.from(text, 'base64').toString();
const configuration = decode(process.env.CONFIGURATION);
const otherConfiguration = decode(process.env.OTHER_CONFIGURATION);
const packageUri = process.env.PACKAGE_URL;
const seen = {};

function of(operations) {
  return new Proxy({}, { get: (_, name) => util.promisify(operations[name].bind(operations)) });
}

const services = of(client.hostedServices);
const deployments = of(client.deployments);

// A POST without a body waits for its request stream to be ended: the client expects something to be piped into it.
function bodiless(name, ...given) {
  return new Promise((resolve, reject) => {
    client.deployments[name](...given, (error, result) => (error ? reject(error) : resolve(result))).end();
  });
}

async function until(good) {
  const end = Date.now() + 15000;
  for (;;) {
    const deployment = await deployments.getByName('shop', 'v1');
    if (good(deployment)) {
      return deployment;
    }
    if (Date.now() > end) {
      throw new Error('the deployment does not get there: ' + deployment.status);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const settled = () => until((deployment) => deployment.status === 'Running');

async function refused(call) {
  try {
    await call;
  } catch (error) {
    return { status: error.statusCode, code: error.code, message: error.message };
  }
  throw new Error('the call was not refused');
}

async function create() {
  seen.availableBefore = (await services.checkNameAvailability('shop')).isAvailable;
  seen.created = (await services.create({ serviceName: 'shop', label: 'the shop', location: 'West US' })).statusCode;
  seen.availableAfter = (await services.checkNameAvailability('shop')).isAvailable;
  await services.addExtension('shop', {
    providerNamespace: 'Microsoft.Windows.Azure.Extensions',
    type: 'RDP',
    id: 'rdp',
    publicConfiguration: '<public/>',
    privateConfiguration: '<private/>',
    version: '1.*',
  });
  seen.extensions = (await services.listExtensions('shop')).extensions.map((one) => one.id);
  seen.availableExtensions = (await services.listAvailableExtensions()).extensionImages.map((one) => one.type);
  const operation = await deployments.create('shop', 'Staging', {
    name: 'v1',
    packageUri,
    label: 'version 1',
    configuration,
    startDeployment: true,
    treatWarningsAsError: false,
    extendedProperties: { commit: 'abc' },
    extensionConfiguration: { allRoles: [{ id: 'rdp' }], namedRoles: [] },
  });
  seen.operation = { status: operation.status, httpStatusCode: operation.httpStatusCode };
  const ready = await until((one) => one.roleInstances.every((instance) => instance.instanceStatus === 'ReadyRole'));
  seen.ready = {
    name: ready.name,
    slot: ready.deploymentSlot,
    status: ready.status,
    label: ready.label,
    configuration: ready.configuration === configuration,
    instances: ready.roleInstances.map((one) => one.instanceName),
    roles: ready.roles.map((one) => one.roleName),
    locked: ready.locked,
    properties: ready.extendedProperties,
    addresses: ready.virtualIPAddresses.length,
    extensions: ready.extensionConfiguration.allRoles.map((one) => [one.id, one.state]),
  };
}

async function change() {
  await deployments.changeConfigurationByName('shop', 'v1', { configuration: otherConfiguration, mode: 'Manual' });
  const waiting = (await deployments.getByName('shop', 'v1')).upgradeStatus;
  seen.manual = [waiting.upgradeType, waiting.currentUpgradeDomainState, waiting.currentUpgradeDomain];
  await deployments.walkUpgradeDomainByDeploymentName('shop', 'v1', { upgradeDomain: 0 });
  await deployments.walkUpgradeDomainByDeploymentSlot('shop', 'Staging', { upgradeDomain: 1 });
  await settled();
  seen.afterWalk = (await deployments.getByName('shop', 'v1')).configuration === otherConfiguration;
  await deployments.changeConfigurationBySlot('shop', 'Staging', { configuration, mode: 'Manual' });
  seen.rollback = (await deployments.rollbackUpdateOrUpgradeByDeploymentName('shop', 'v1', { mode: 'Auto' })).statusCode;
  await settled();
  await deployments.changeConfigurationBySlot('shop', 'Staging', { configuration, mode: 'Manual' });
  const back = { mode: 'Auto', force: true };
  seen.rollbackBySlot = (await deployments.rollbackUpdateOrUpgradeByDeploymentSlot('shop', 'Staging', back)).statusCode;
  await settled();
  await deployments.updateStatusByDeploymentName('shop', 'v1', { status: 'Suspended' });
  seen.suspended = (await deployments.getBySlot('shop', 'Staging')).status;
  await deployments.updateStatusByDeploymentSlot('shop', 'Staging', { status: 'Running' });
  await deployments.upgradeByName('shop', 'v1', {
    mode: 'Auto',
    packageUri,
    label: 'version 1.1',
    configuration,
    force: true,
  });
  seen.upgraded = (await settled()).label;
}

async function finish() {
  await deployments.create('shop', 'Production', { name: 'v0', packageUri, label: 'version 0', configuration });
  await deployments.swap('shop', { productionDeployment: 'v0', sourceDeployment: 'v1' });
  seen.production = (await deployments.getBySlot('shop', 'Production')).name;
  await bodiless('rebootRoleInstanceByDeploymentName', 'shop', 'v1', 'WebRole1_IN_1');
  await bodiless('reimageRoleInstanceByDeploymentSlot', 'shop', 'Production', 'WebRole1_IN_1');
  await bodiless('rebuildRoleInstanceByDeploymentName', 'shop', 'v1', 'WebRole1_IN_1', 'allLocalDrives');
  await deployments.deleteRoleInstanceByDeploymentName('shop', 'v1', { name: ['WebRole1_IN_0'] });
  seen.left = (await deployments.getByName('shop', 'v1')).roleInstances.map((one) => one.instanceName);
  const container = { containerUri: 'http://account.blob.core.windows.net/c', overwriteExisting: true };
  await bodiless('getPackageByName', 'shop', 'v1', container);
  const window = [new Date(Date.now() - 3600000), new Date()];
  seen.events = (await deployments.listEvents('shop', 'v1', ...window)).deploymentEvents.length;
  seen.detailed = (await services.getDetailed('shop')).deployments.map((one) => one.name).sort();
  await services.update('shop', { label: 'the new shop', description: 'sells' });
  seen.description = (await services.get('shop')).properties.description;
  seen.services = (await services.list()).hostedServices.map((one) => one.serviceName);
  seen.occupied = await refused(
    deployments.beginCreating('shop', 'Production', { name: 'v2', packageUri, label: 'v2', configuration })
  );
  seen.missing = await refused(deployments.getByName('shop', 'nothing'));
  await deployments.deleteByName('shop', 'v0', true);
  await deployments.deleteBySlot('shop', 'Production');
  seen.failed = await refused(
    deployments.create('shop', 'Staging', { name: 'v3', packageUri: 'http://127.0.0.1:1/p', label: 'v3', configuration })
  );
  await services.deleteExtension('shop', 'rdp');
  await services.deleteAll('shop');
  seen.end = (await services.list()).hostedServices.length;
}

create()
  .then(change)
  .then(finish)
  .then(
    () => console.log(JSON.stringify(seen)),
    (error) => {
      console.error(error, JSON.stringify(seen));
      process.exitCode = 1;
    }
  );
