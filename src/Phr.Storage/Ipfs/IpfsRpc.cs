using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Phr.Crypto;

namespace Phr.Storage.Ipfs;

/// <summary>The calls of Kubo's RPC interface, and the two of a trustless gateway, that the store makes. Each asks one endpoint once.</summary>
/// <remarks>
/// Sources: Kubo's documentation of /api/v0 and IPFS's trustless gateway specification. Ids are compared as bytes, because nodes write them in different bases; sizes are read as
/// numbers and as text. Failures are <see cref="IpfsFaultException"/>. Thread safe.
/// </remarks>
internal sealed class IpfsRpc(IpfsHttp http)
{
    private static readonly TimeSpan _grace = TimeSpan.FromSeconds(2);

    private IpfsContentStoreOptions Options => http.Options;

    private TimeSpan Lookup => Options.LookupTimeout + _grace;

    /// <summary>Reads one block and checks it.</summary>
    public async Task<byte[]> GetBlockAsync(IpfsEndpoint endpoint, Cid cid, CancellationToken cancellationToken)
    {
        using IpfsAnswer answer = endpoint.IsGateway
            ? await http.SendAsync(endpoint, HttpMethod.Get, $"ipfs/{cid}?format=raw", null, Lookup, cancellationToken).ConfigureAwait(false)
            : await PostAsync(endpoint, $"block/get?arg={cid}{Within(Options.LookupTimeout)}", null, Lookup, cancellationToken).ConfigureAwait(false);
        byte[] block = await answer.ReadBlockAsync(cancellationToken).ConfigureAwait(false);
        return cid.Matches(block) ? block : throw IpfsHttp.Fault(endpoint, IpfsFaultKind.WrongBytes, $"the {block.Length} bytes that it gives for block {cid} have another digest.");
    }

    /// <summary>Asks whether a block is there. Nothing proves the answer.</summary>
    public async Task<long> StatBlockAsync(IpfsEndpoint endpoint, Cid cid, CancellationToken cancellationToken)
    {
        if (endpoint.IsGateway)
        {
            using IpfsAnswer head = await http.SendAsync(endpoint, HttpMethod.Head, $"ipfs/{cid}?format=raw", null, Lookup, cancellationToken).ConfigureAwait(false);
            return 0;
        }

        using IpfsAnswer answer = await PostAsync(endpoint, $"block/stat?arg={cid}{Within(Options.LookupTimeout)}", null, Lookup, cancellationToken).ConfigureAwait(false);
        using JsonDocument json = await OneAsync(answer, cancellationToken).ConfigureAwait(false);
        Cid key = ReadCid(endpoint, json.RootElement, "Key");
        return key.Digest == cid.Digest ? ReadNumber(endpoint, json.RootElement, "Size") : throw IpfsHttp.Fault(endpoint, IpfsFaultKind.Malformed, $"it speaks of block {key} where {cid} was asked for.");
    }

    /// <summary>Stores one block and pins it or not.</summary>
    public async Task PutBlockAsync(IpfsEndpoint endpoint, Cid cid, ReadOnlyMemory<byte> block, BlockPin pin, CancellationToken cancellationToken)
    {
        if (cid.Version == 0 || cid.Codec == ContentCodec.Raw)
        {
            CheckCid(endpoint, await PutBlockAsync(endpoint, cid.Version == 0 ? "format=v0&version=0" : "cid-codec=raw&format=raw&version=1", block, pin, cancellationToken).ConfigureAwait(false), cid);
            return;
        }

        // Kubo calls the codec 'cid-codec', and refuses one that is not raw beside 'format', its former name, which js-ipfs and old versions alone know. Whoever leaves a name alone makes something else, or says so.
        bool isThere = false;
        try
        {
            Cid made = await PutBlockAsync(endpoint, "cid-codec=dag-pb&version=1", block, pin, cancellationToken).ConfigureAwait(false);
            CheckCid(endpoint, made, cid);
            if (made == cid)
            {
                return;
            }

            isThere = true;
        }
        catch (IpfsFaultException e) when (SaysOption(e))
        {
        }

        try
        {
            CheckCid(endpoint, await PutBlockAsync(endpoint, "format=dag-pb&version=1", block, pin, cancellationToken).ConfigureAwait(false), cid);
        }
        catch (IpfsFaultException e) when (isThere && pin == BlockPin.None && SaysOption(e))
        {
            // It knows neither name, and has the bytes under their digest.
        }
    }

    /// <summary>Removes one block, pinned or not as the node allows.</summary>
    public async Task RemoveBlockAsync(IpfsEndpoint endpoint, Cid cid, CancellationToken cancellationToken)
    {
        using IpfsAnswer answer = await PostAsync(endpoint, $"block/rm?arg={cid}&force=true", null, Options.TransferTimeout, cancellationToken).ConfigureAwait(false);
        while (await answer.ReadLineAsync(Options.TransferTimeout, cancellationToken).ConfigureAwait(false) is { } line)
        {
            using (line)
            {
                ThrowIfError(endpoint, line.RootElement);
            }
        }
    }

    /// <summary>Sends a file in the default layout and pins it.</summary>
    /// <param name="endpoint">The node.</param>
    /// <param name="upload">The file.</param>
    /// <param name="headersWithin">How long the upload, which takes as long as its source, and the node's work may take together.</param>
    /// <param name="cancellationToken">Cancels the upload; the node then keeps unpinned blocks at most.</param>
    /// <returns>The id that the node gives it.</returns>
    public async Task<Cid> AddAsync(IpfsEndpoint endpoint, UploadContent upload, TimeSpan headersWithin, CancellationToken cancellationToken)
    {
        UnixFsLayout layout = UnixFsLayout.Default;
        string query = string.Create(
            CultureInfo.InvariantCulture,
            $"add?cid-version=1&raw-leaves=true&hash=sha2-256&chunker=size-{layout.ChunkSize}&max-file-links={layout.MaxLinks}&trickle=false&inline=false&pin=true&progress=false&wrap-with-directory=false");
        using IpfsAnswer answer = await PostAsync(endpoint, query, upload, headersWithin, cancellationToken).ConfigureAwait(false);
        Cid? added = null;
        while (await answer.ReadLineAsync(Options.WorkTimeout, cancellationToken).ConfigureAwait(false) is { } line)
        {
            using (line)
            {
                ThrowIfError(endpoint, line.RootElement);
                if (line.RootElement.TryGetProperty("Hash", out _))
                {
                    added = added is null ? ReadCid(endpoint, line.RootElement, "Hash") : throw IpfsHttp.Fault(endpoint, IpfsFaultKind.Malformed, "it made two objects of one file.");
                }
            }
        }

        return added ?? throw IpfsHttp.Fault(endpoint, IpfsFaultKind.Malformed, "it does not say what it made of a file.");
    }

    /// <summary>Begins to read a range of a file. What comes is not checked.</summary>
    public Task<IpfsAnswer> CatAsync(IpfsEndpoint endpoint, Cid cid, long offset, long length, CancellationToken cancellationToken) =>
        PostAsync(endpoint, string.Create(CultureInfo.InvariantCulture, $"cat?arg={cid}&offset={offset}&length={length}"), null, Lookup, cancellationToken);

    /// <summary>Begins to read a tree as a CAR. What comes is not checked.</summary>
    public Task<IpfsAnswer> ExportAsync(IpfsEndpoint endpoint, Cid cid, CancellationToken cancellationToken) =>
        endpoint.IsGateway
            ? http.SendAsync(endpoint, HttpMethod.Get, $"ipfs/{cid}?format=car&dag-scope=all&car-version=1&car-order=dfs&car-dups=y", null, Lookup, cancellationToken)
            : PostAsync(endpoint, $"dag/export?arg={cid}&progress=false", null, Lookup, cancellationToken);

    /// <summary>Sends a CAR and pins its root.</summary>
    public async Task ImportAsync(IpfsEndpoint endpoint, Cid root, UploadContent car, TimeSpan headersWithin, CancellationToken cancellationToken)
    {
        using IpfsAnswer answer = await PostAsync(endpoint, "dag/import?pin-roots=true&stats=false&silent=false", car, headersWithin, cancellationToken).ConfigureAwait(false);
        bool pinned = false;
        while (await answer.ReadLineAsync(Options.WorkTimeout, cancellationToken).ConfigureAwait(false) is { } line)
        {
            using (line)
            {
                ThrowIfError(endpoint, line.RootElement);
                if (line.RootElement.TryGetProperty("Root", out JsonElement answered) && answered.ValueKind == JsonValueKind.Object)
                {
                    if (answered.TryGetProperty("PinErrorMsg", out JsonElement error) && error.ValueKind == JsonValueKind.String && error.GetString()!.Length > 0)
                    {
                        throw IpfsHttp.Refused(endpoint, error.GetString()!);
                    }

                    CheckCid(endpoint, ReadCid(endpoint, answered, "Cid"), root);
                    pinned = true;
                }
            }
        }

        if (!pinned)
        {
            throw IpfsHttp.Fault(endpoint, IpfsFaultKind.Malformed, "it does not say that it pinned what it was given.");
        }
    }

    /// <summary>Pins a tree; the node fetches from its peers what it lacks.</summary>
    public async Task PinAsync(IpfsEndpoint endpoint, Cid cid, TimeSpan within, CancellationToken cancellationToken)
    {
        using IpfsAnswer answer = await PostAsync(endpoint, $"pin/add?arg={cid}&recursive=true&progress=false{Within(within)}", null, within + _grace, cancellationToken).ConfigureAwait(false);
        await ReadPinsAsync(answer, cid, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes a pin away. Nothing happens if there is none.</summary>
    public async Task UnpinAsync(IpfsEndpoint endpoint, Cid cid, CancellationToken cancellationToken)
    {
        try
        {
            using IpfsAnswer answer = await PostAsync(endpoint, $"pin/rm?arg={cid}&recursive=true", null, Options.WorkTimeout, cancellationToken).ConfigureAwait(false);
            await ReadPinsAsync(answer, cid, cancellationToken).ConfigureAwait(false);
        }
        catch (IpfsFaultException e) when (SaysNotPinned(e))
        {
        }
    }

    /// <summary>Asks whether a tree is pinned by itself, not as a part of another.</summary>
    public async Task<bool> IsPinnedAsync(IpfsEndpoint endpoint, Cid cid, CancellationToken cancellationToken)
    {
        try
        {
            using IpfsAnswer answer = await PostAsync(endpoint, $"pin/ls?arg={cid}&type=recursive", null, Options.TransferTimeout, cancellationToken).ConfigureAwait(false);
            await foreach (Cid pin in ReadPinListAsync(answer, cancellationToken).ConfigureAwait(false))
            {
                if (pin == cid)
                {
                    return true;
                }
            }

            return false;
        }
        catch (IpfsFaultException e) when (SaysNotPinned(e))
        {
            return false;
        }
    }

    /// <summary>Lists what is pinned by itself, or every block that a pin keeps.</summary>
    /// <remarks>Ids with another hash than SHA-256 are left out: nothing of ours has one.</remarks>
    public async IAsyncEnumerable<Cid> ListPinsAsync(IpfsEndpoint endpoint, PinParts parts, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string type = parts == PinParts.Included ? "all" : "recursive";
        using IpfsAnswer answer = await PostAsync(endpoint, $"pin/ls?type={type}&stream=true", null, Options.WorkTimeout, cancellationToken).ConfigureAwait(false);
        await foreach (Cid cid in ReadPinListAsync(answer, cancellationToken).ConfigureAwait(false))
        {
            yield return cid;
        }
    }

    /// <summary>Lists the digests of every block that the node has.</summary>
    public async IAsyncEnumerable<Cid> ListBlocksAsync(IpfsEndpoint endpoint, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using IpfsAnswer answer = await PostAsync(endpoint, "refs/local", null, Options.WorkTimeout, cancellationToken).ConfigureAwait(false);
        while (await answer.ReadLineAsync(Options.WorkTimeout, cancellationToken).ConfigureAwait(false) is { } line)
        {
            using (line)
            {
                if (line.RootElement.TryGetProperty("Err", out JsonElement error) && error.ValueKind == JsonValueKind.String && error.GetString()!.Length > 0)
                {
                    throw IpfsHttp.Refused(endpoint, error.GetString()!);
                }

                if (TryReadCid(line.RootElement, "Ref", out Cid cid))
                {
                    yield return cid;
                }
            }
        }
    }

    /// <summary>Has the node remove what no pin keeps, and lists the digests of it.</summary>
    public async IAsyncEnumerable<Cid> CollectAsync(IpfsEndpoint endpoint, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using IpfsAnswer answer = await PostAsync(endpoint, "repo/gc?stream-errors=true", null, Options.WorkTimeout, cancellationToken).ConfigureAwait(false);
        while (await answer.ReadLineAsync(Options.WorkTimeout, cancellationToken).ConfigureAwait(false) is { } line)
        {
            using (line)
            {
                ThrowIfError(endpoint, line.RootElement);
                if (TryReadCid(line.RootElement, "Key", out Cid cid))
                {
                    yield return cid;
                }
            }
        }
    }

    /// <summary>Asks a node who it is and how much it keeps.</summary>
    public async Task<IpfsNodeStatus> GetStatusAsync(IpfsEndpoint endpoint, CancellationToken cancellationToken)
    {
        (string peer, string agent) = await GetIdAsync(endpoint, cancellationToken).ConfigureAwait(false);
        using IpfsAnswer answer = await PostAsync(endpoint, "repo/stat", null, Options.TransferTimeout, cancellationToken).ConfigureAwait(false);
        using JsonDocument json = await OneAsync(answer, cancellationToken).ConfigureAwait(false);
        return new IpfsNodeStatus(endpoint.Address, null)
        {
            PeerId = peer,
            Agent = agent,
            Blocks = ReadNumber(endpoint, json.RootElement, "NumObjects"),
            Bytes = ReadNumber(endpoint, json.RootElement, "RepoSize"),
        };
    }

    /// <summary>Asks a node who it is.</summary>
    public async Task<(string Peer, string Agent)> GetIdAsync(IpfsEndpoint endpoint, CancellationToken cancellationToken)
    {
        using IpfsAnswer answer = await PostAsync(endpoint, "id", null, Options.TransferTimeout, cancellationToken).ConfigureAwait(false);
        using JsonDocument json = await OneAsync(answer, cancellationToken).ConfigureAwait(false);
        return (ReadText(endpoint, json.RootElement, "ID"), ReadText(endpoint, json.RootElement, "AgentVersion"));
    }

    private async Task<Cid> PutBlockAsync(IpfsEndpoint endpoint, string form, ReadOnlyMemory<byte> block, BlockPin pin, CancellationToken cancellationToken)
    {
        using IpfsAnswer answer = await PostAsync(
            endpoint, $"block/put?{form}&mhtype=sha2-256&pin={(pin == BlockPin.Recursive ? "true" : "false")}", UploadContent.Of(block), Options.TransferTimeout + Options.TransferTimeout, cancellationToken).ConfigureAwait(false);
        using JsonDocument json = await OneAsync(answer, cancellationToken).ConfigureAwait(false);
        return ReadCid(endpoint, json.RootElement, "Key");
    }

    private Task<IpfsAnswer> PostAsync(IpfsEndpoint endpoint, string call, HttpContent? content, TimeSpan within, CancellationToken cancellationToken) =>
        http.SendAsync(endpoint, HttpMethod.Post, "api/v0/" + call, content, within, cancellationToken);

    private async Task<JsonDocument> OneAsync(IpfsAnswer answer, CancellationToken cancellationToken) =>
        await answer.ReadLineAsync(Options.TransferTimeout, cancellationToken).ConfigureAwait(false) ?? throw IpfsHttp.Fault(answer.Endpoint, IpfsFaultKind.Truncated, "its answer is empty.");

    private async Task ReadPinsAsync(IpfsAnswer answer, Cid cid, CancellationToken cancellationToken)
    {
        bool named = false;
        while (await answer.ReadLineAsync(Options.WorkTimeout, cancellationToken).ConfigureAwait(false) is { } line)
        {
            using (line)
            {
                ThrowIfError(answer.Endpoint, line.RootElement);
                if (line.RootElement.TryGetProperty("Pins", out JsonElement pins) && pins.ValueKind == JsonValueKind.Array)
                {
                    named |= pins.EnumerateArray().Any(p => p.ValueKind == JsonValueKind.String && Cid.TryParse(p.GetString(), out Cid pin) && pin == cid);
                }
            }
        }

        if (!named)
        {
            throw IpfsHttp.Fault(answer.Endpoint, IpfsFaultKind.Malformed, $"it does not name {cid} among the pins that it changed.");
        }
    }

    // One object with all pins as the names of its members, or an object a line, as stream=true asks for. Kubo's page has a third form, with the first one inside.
    private async IAsyncEnumerable<Cid> ReadPinListAsync(IpfsAnswer answer, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (await answer.ReadLineAsync(Options.WorkTimeout, cancellationToken).ConfigureAwait(false) is { } line)
        {
            using (line)
            {
                ThrowIfError(answer.Endpoint, line.RootElement);
                JsonElement root = line.RootElement;
                JsonElement list = root.TryGetProperty("PinLsList", out JsonElement inner) && inner.ValueKind == JsonValueKind.Object ? inner : root;
                if (list.TryGetProperty("Keys", out JsonElement keys) && keys.ValueKind == JsonValueKind.Object)
                {
                    foreach (JsonProperty key in keys.EnumerateObject())
                    {
                        if (Cid.TryParse(key.Name, out Cid pin))
                        {
                            yield return pin;
                        }
                    }
                }

                JsonElement one = root.TryGetProperty("PinLsObject", out inner) && inner.ValueKind == JsonValueKind.Object ? inner : root;
                if (TryReadCid(one, "Cid", out Cid cid))
                {
                    yield return cid;
                }
            }
        }
    }

    private static void ThrowIfError(IpfsEndpoint endpoint, JsonElement json)
    {
        foreach (string name in (ReadOnlySpan<string>)["Error", "Message"])
        {
            if (json.TryGetProperty(name, out JsonElement error) && error.ValueKind == JsonValueKind.String && error.GetString()!.Length > 0)
            {
                throw IpfsHttp.Refused(endpoint, error.GetString()!);
            }
        }
    }

    private static bool SaysNotPinned(IpfsFaultException e) =>
        e.Fault.Kind is IpfsFaultKind.Refused or IpfsFaultKind.NotFound && e.Fault.Detail.Contains("not pinned", StringComparison.OrdinalIgnoreCase);

    // Nodes have one status for all errors: that it is about the names of options is in its words.
    private static bool SaysOption(IpfsFaultException e) =>
        e.Fault.Kind == IpfsFaultKind.Refused && new[] { "codec", "format", "option" }.Any(word => e.Fault.Detail.Contains(word, StringComparison.OrdinalIgnoreCase));

    private static void CheckCid(IpfsEndpoint endpoint, Cid given, Cid expected)
    {
        // A node may give a block back under version 0, or as raw, where version and codec were not its question.
        if (given.Digest != expected.Digest)
        {
            throw IpfsHttp.Fault(endpoint, IpfsFaultKind.WrongDag, $"it made {given} of what is {expected}.");
        }
    }

    private static Cid ReadCid(IpfsEndpoint endpoint, JsonElement json, string name) =>
        TryReadCid(json, name, out Cid cid) ? cid : throw IpfsHttp.Fault(endpoint, IpfsFaultKind.Malformed, $"its answer has no content id in '{name}'.");

    // A text, or an object whose member "/" is the text.
    private static bool TryReadCid(JsonElement json, string name, out Cid cid)
    {
        cid = default;
        if (!json.TryGetProperty(name, out JsonElement value))
        {
            return false;
        }

        if (value.ValueKind == JsonValueKind.Object && !value.TryGetProperty("/", out value))
        {
            return false;
        }

        return value.ValueKind == JsonValueKind.String && Cid.TryParse(value.GetString(), out cid);
    }

    private static long ReadNumber(IpfsEndpoint endpoint, JsonElement json, string name)
    {
        if (json.TryGetProperty(name, out JsonElement value))
        {
            if ((value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number))
                || (value.ValueKind == JsonValueKind.String && long.TryParse(value.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out number)))
            {
                return number >= 0 ? number : throw IpfsHttp.Fault(endpoint, IpfsFaultKind.Malformed, $"'{name}' of its answer is below zero.");
            }
        }

        throw IpfsHttp.Fault(endpoint, IpfsFaultKind.Malformed, $"its answer has no number in '{name}'.");
    }

    private static string ReadText(IpfsEndpoint endpoint, JsonElement json, string name) =>
        json.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : throw IpfsHttp.Fault(endpoint, IpfsFaultKind.Malformed, $"its answer has no text in '{name}'.");

    private static string Within(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"&timeout={(long)time.TotalMilliseconds}ms");
}
