// A trustless gateway over Helia, a second implementation of IPFS, for tests, on loopback only. It keeps blocks in memory
// and talks to no other node.
//
//   node gateway.mjs [--port PORT]
//
// GET /ipfs/CID?format=raw gives one block, ?format=car the tree below it as a CAR; anything else is 404. POST /add takes the
// bytes of a file and answers with its id: ?profile=unixfs-v1-2025 or the layout that Phr uses. The first line on standard
// output is a JSON object with the address. The process ends on SIGTERM and when its standard input is closed.
import http from 'node:http'
import { parseArgs } from 'node:util'
import { car } from '@helia/car'
import { unixfs } from '@helia/unixfs'
import { createHeliaLight } from 'helia'
import { fixedSize } from 'ipfs-unixfs-importer/chunker'
import { balanced } from 'ipfs-unixfs-importer/layout'
import { CID } from 'multiformats/cid'

const { values } = parseArgs({ options: { port: { type: 'string', default: '0' } } })
const helia = createHeliaLight()
await helia.start()
const files = unixfs(helia)
const cars = car(helia)

const layout = profile => profile === 'unixfs-v1-2025'
  ? { profile }
  : { cidVersion: 1, rawLeaves: true, reduceSingleLeafToSelf: true, chunker: fixedSize({ chunkSize: 262144 }), layout: balanced({ maxChildrenPerNode: 174 }) }

const body = async source => {
  const pieces = []
  for await (const piece of source) pieces.push(piece)
  return Buffer.concat(pieces)
}

const answer = async (request, response) => {
  const url = new URL(request.url, 'http://localhost')
  if (request.method === 'POST' && url.pathname === '/add') {
    const cid = await files.addBytes(await body(request), layout(url.searchParams.get('profile')))
    return response.end(cid.toString())
  }

  const [, root, text] = url.pathname.split('/')
  const format = url.searchParams.get('format')
  if (root !== 'ipfs' || !['raw', 'car'].includes(format)) {
    return response.writeHead(404).end()
  }

  const cid = CID.parse(text)
  if (!await helia.blockstore.has(cid)) {
    return response.writeHead(404).end('no such block')
  }

  response.setHeader('content-type', format === 'raw' ? 'application/vnd.ipld.raw' : 'application/vnd.ipld.car; version=1; order=dfs; dups=y')
  if (request.method === 'HEAD') {
    return response.end()
  }

  const source = format === 'raw' ? helia.blockstore.get(cid) : cars.export(cid)
  if (format === 'raw') {
    return response.end(await body(source))
  }

  for await (const piece of source) {
    if (!response.write(piece)) {
      await new Promise(resolve => response.once('drain', resolve))
    }
  }

  response.end()
}

const server = http.createServer((request, response) => answer(request, response).catch(error => {
  response.destroy(error)
}))
server.listen(Number(values.port), '127.0.0.1', () => {
  console.log(JSON.stringify({ address: `http://127.0.0.1:${server.address().port}/`, node: process.version }))
})

const stop = () => process.exit(0)
process.on('SIGTERM', stop)
process.stdin.on('end', stop)
process.stdin.on('error', stop)
process.stdin.resume()
