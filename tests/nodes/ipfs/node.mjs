// One IPFS node for tests, on loopback only: a repository on disk, Kubo's RPC under /api/v0, a path gateway.
//
//   node node.mjs REPOSITORY [--api PORT] [--gateway PORT] [--swarm PORT] [--detached]
//
// Port 0, the default, takes any free one. Without --swarm the node is offline: it has its own blocks and no others, and
// says at once when it lacks one. The first line on standard output is a JSON object with id, api, gateway and swarm (the
// address that others dial, or null). The node ends on SIGTERM or SIGINT, and unless it is detached when its standard input
// is closed, so that it does not outlive a test that was killed.
import { AsyncLocalStorage } from 'node:async_hooks'
import { parseArgs } from 'node:util'
import { create } from 'ipfs-core'
import { HttpApi } from 'ipfs-http-server'
import { HttpGateway } from 'ipfs-http-gateway'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    api: { type: 'string', default: '0' },
    gateway: { type: 'string', default: '0' },
    swarm: { type: 'string' },
    detached: { type: 'boolean', default: false }
  }
})
if (positionals.length !== 1) {
  console.error('usage: node node.mjs REPOSITORY [--api PORT] [--gateway PORT] [--swarm PORT] [--detached]')
  process.exit(2)
}

const loopback = port => `/ip4/127.0.0.1/tcp/${port}`
const isOnline = values.swarm !== undefined
const ipfs = await create({
  repo: positionals[0],
  offline: !isOnline,
  silent: true,
  init: { emptyRepo: true, algorithm: 'Ed25519', profiles: ['test'] },
  config: {
    Addresses: {
      API: loopback(values.api),
      Gateway: loopback(values.gateway),
      RPC: '',
      Swarm: isOnline ? [loopback(values.swarm)] : [],
      Delegates: []
    },
    Bootstrap: [],
    Discovery: { MDNS: { Enabled: false }, webRTCStar: { Enabled: false } },
    Routing: { Type: 'none' },
    Swarm: { DisableNatPortMap: true }
  }
})

// js-ipfs does not notice that a client went away in the middle of an upload: it waits for the rest for ever and holds its
// lock against garbage collection meanwhile. So every upload ends with its connection, as it does in Kubo.
const requests = new AsyncLocalStorage()
const untilAborted = async function * (source, aborted) {
  const iterator = source[Symbol.asyncIterator]()
  while (true) {
    const { done, value } = await Promise.race([iterator.next(), aborted])
    if (done) return
    yield value
  }
}
const untilGone = source => untilAborted(source, requests.getStore())
const connected = async function * (source, aborted) {
  for await (const entry of untilAborted(source, aborted)) {
    yield entry.content === undefined ? entry : { ...entry, content: untilAborted(entry.content, aborted) }
  }
}
const api = new HttpApi({
  ...ipfs,
  addAll: (source, options) => ipfs.addAll(connected(source, requests.getStore()), options),
  dag: {
    ...ipfs.dag,
    import: (source, options) => ipfs.dag.import((async function * () {
      for await (const car of untilGone(source)) yield untilGone(car)
    })(), options)
  }
})
await api.start()
for (const { listener } of api._apiServers) {
  const [handle] = listener.listeners('request')
  listener.removeListener('request', handle)
  listener.on('request', (request, response) => {
    const aborted = new Promise((_resolve, reject) => request.once('aborted', () => reject(new Error('the client went away'))))
    aborted.catch(() => {})
    requests.run(aborted, () => handle.call(listener, request, response))
  })
}
const gateway = new HttpGateway(ipfs)
await gateway.start()

// js-ipfs rejects a promise that nobody waits for when a client goes away while it looks for a block. Kubo lives on.
process.on('unhandledRejection', error => console.error(String(error)))

let stopping = false
const stop = async () => {
  if (stopping) return
  stopping = true
  await gateway.stop()
  await api.stop()
  await ipfs.stop()
  process.exit(0)
}
process.on('SIGTERM', stop)
process.on('SIGINT', stop)
if (!values.detached) {
  process.stdin.on('end', stop)
  process.stdin.on('error', stop)
  process.stdin.resume()
}

const url = servers => {
  const { port } = servers[0].info
  return `http://127.0.0.1:${port}/`
}
const { id, addresses } = await ipfs.id()
console.log(JSON.stringify({
  id: id.toString(),
  api: url(api._apiServers),
  gateway: url(gateway._gatewayServers),
  swarm: isOnline ? addresses.map(String).find(a => a.includes('/tcp/')) ?? null : null
}))
