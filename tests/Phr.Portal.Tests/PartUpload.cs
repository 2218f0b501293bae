using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;

namespace Phr.Portal.Tests;

/// <summary>Sends a file in parts, as the script of the upload page does, step by step.</summary>
internal sealed class PartUpload
{
    /// <summary>The length of a part where tests set nothing else.</summary>
    public const int PartLength = 1 << 16;

    private readonly Visitor _visitor;
    private readonly string _token;

    private PartUpload(Visitor visitor, byte[] file, string name, IReadOnlyDictionary<string, string> hidden)
    {
        _visitor = visitor;
        _token = hidden["__RequestVerificationToken"];
        File = file;
        Name = name;
        Once = hidden["Once"];
    }

    public byte[] File { get; }

    public string Name { get; }

    /// <summary>The number of the form, or of the upload that goes on.</summary>
    public string Once { get; private set; }

    public int Parts => (File.Length + PartLength - 1) / PartLength;

    /// <summary>Opens the upload page.</summary>
    public static async Task<PartUpload> OpenAsync(Visitor visitor, byte[] file, string name, string page = "/patient/upload") => new(visitor, file, name, await visitor.HiddenAsync(page));

    /// <summary>A picture of some parts, as far as its first bytes tell. The rest is chance, with words in each part.</summary>
    public static byte[] MakePicture(int length, string words)
    {
        byte[] file = RandomNumberGenerator.GetBytes(length);
        ((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, (byte)'I', (byte)'H', (byte)'D', (byte)'R']).CopyTo(file);
        byte[] planted = System.Text.Encoding.ASCII.GetBytes(words);
        for (int at = 1000; at + planted.Length < length; at += PartLength / 2)
        {
            planted.CopyTo(file, at);
        }

        return file;
    }

    /// <summary>Says what the file is.</summary>
    public async Task<PartAnswer> BeginAsync(string? goOn = null, object? changed = null)
    {
        byte[] digests = [.. File.Chunk(PartLength).SelectMany(SHA256.HashData)];
        PartAnswer answer = await PostAsync("/patient/upload/begin", JsonContent.Create(changed ?? new { once = Once, goOn, name = Name, length = File.LongLength, partLength = PartLength, forClaim = false, digests }));
        Once = answer.Once ?? Once;
        return answer;
    }

    /// <summary>Sends a part: the file's own, or other bytes.</summary>
    public Task<PartAnswer> SendAsync(int part, byte[]? other = null)
    {
        var content = new ByteArrayContent(other ?? File.Chunk(PartLength).ElementAt(part));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        return PostAsync($"/patient/upload-parts/{Once}/{part}", content);
    }

    public Task<PartAnswer> FinishAsync() => PostAsync($"/patient/upload-parts/{Once}/finish", null);

    public Task<PartAnswer> DiscardAsync() => PostAsync($"/patient/upload-parts/{Once}/discard", null);

    /// <summary>Sends whatever to one of the addresses.</summary>
    public async Task<PartAnswer> PostAsync(string path, HttpContent? content, string? token = null)
    {
        using HttpRequestMessage request = Request(path, content, token);
        using HttpResponseMessage response = await _visitor.SendAsync(request);
        return await PartAnswer.ReadAsync(response);
    }

    /// <summary>What the script would send.</summary>
    public HttpRequestMessage Request(string path, HttpContent? content, string? token = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Content = content };
        request.Headers.Add("RequestVerificationToken", token ?? _token);
        request.Headers.Add("X-Requested-With", "XMLHttpRequest");

        // What is too large is refused before it is sent; without this the line may break while it is.
        request.Headers.ExpectContinue = content is not null;
        return request;
    }

    /// <summary>The patient's document of this name, opened.</summary>
    public static async Task<byte[]> OpenDocumentAsync(Visitor visitor, string name)
    {
        string home = await visitor.ReadAsync("/patient");
        string upload = System.Text.RegularExpressions.Regex.Match(home, $"href=\"(/patient/uploads/\\d+)\">{System.Text.RegularExpressions.Regex.Escape(name)}").Groups[1].Value;
        Assert.NotEqual(string.Empty, upload);
        string document = System.Text.RegularExpressions.Regex.Match(await visitor.ReadAsync(upload), "href=\"(/patient/uploads/[^\"]+)\"").Groups[1].Value;
        using HttpResponseMessage opened = await visitor.GetAsync(document);
        return await opened.Content.ReadAsByteArrayAsync();
    }
}

/// <summary>What the portal answered to a step.</summary>
internal sealed record PartAnswer(int Status, string? Message, string? Once, IReadOnlyList<int> Received, string? Next)
{
    public static async Task<PartAnswer> ReadAsync(HttpResponseMessage response)
    {
        string text = await response.Content.ReadAsStringAsync();
        if (response.Content.Headers.ContentType?.MediaType != "application/json")
        {
            return new PartAnswer((int)response.StatusCode, null, null, [], null);
        }

        JsonElement said = JsonDocument.Parse(text).RootElement;
        string? Find(string name) => said.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;
        return new PartAnswer((int)response.StatusCode, Find("message"), Find("once"), said.TryGetProperty("received", out JsonElement received) ? [.. received.EnumerateArray().Select(e => e.GetInt32())] : [], Find("next"));
    }
}
