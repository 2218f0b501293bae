using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;

namespace Phr.Portal.Tests;

/// <summary>A person without a browser: keeps cookies, follows no redirect by itself, and fills in forms as the pages give them.</summary>
public sealed partial class Visitor : IDisposable
{
    private readonly HttpClient _client;

    public Visitor(PortalHost host)
        : this((host ?? throw new ArgumentNullException(nameof(host))).Address)
    {
    }

    public Visitor(Uri portal)
    {
        // Whoever asks before sending a large body waits for the answer, however long it takes.
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = Cookies, Expect100ContinueTimeout = TimeSpan.FromMinutes(1) };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        _client = new HttpClient(handler) { BaseAddress = portal };
    }

    public CookieContainer Cookies { get; } = new();

    public Task<HttpResponseMessage> GetAsync(string path) => _client.GetAsync(new Uri(path, UriKind.Relative));

    /// <summary>Begins to read something, and leaves the rest on the line until the answer's stream is read.</summary>
    public Task<HttpResponseMessage> BeginAsync(string path) => _client.GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);

    /// <summary>A page that must be there.</summary>
    public async Task<string> ReadAsync(string path)
    {
        using HttpResponseMessage response = await GetAsync(path);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{path}: {(int)response.StatusCode} {response.Headers.Location} {TextOf(text)}");
        return text;
    }

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request) => _client.SendAsync(request);

    /// <summary>The hidden fields of a page's forms.</summary>
    public async Task<IReadOnlyDictionary<string, string>> HiddenAsync(string page) => HiddenOf(await ReadAsync(page));

    /// <summary>Fills in the form of this name on a page and sends it.</summary>
    public async Task<HttpResponseMessage> SubmitAsync(string page, string form, IReadOnlyDictionary<string, string>? fields = null)
    {
        string html = await ReadAsync(page);
        Match found = FormPattern().Matches(html).FirstOrDefault(m => HiddenOf(m.Value).GetValueOrDefault("_handler") == form)
            ?? throw new Xunit.Sdk.XunitException($"{page} has no form {form}: {TextOf(html)}");
        Dictionary<string, string> all = HiddenOf(found.Value);
        foreach ((string name, string value) in fields ?? new Dictionary<string, string>())
        {
            all[name] = value;
        }

        using var content = new FormUrlEncodedContent(all);
        return await _client.PostAsync(new Uri(page, UriKind.Relative), content);
    }

    /// <summary>Sends fields to an address, whatever its page says.</summary>
    public async Task<HttpResponseMessage> PostAsync(string path, IEnumerable<KeyValuePair<string, string>> fields)
    {
        using var content = new FormUrlEncodedContent(fields);
        return await _client.PostAsync(new Uri(path, UriKind.Relative), content);
    }

    /// <summary>Reads a page and one of its forms, as a window that stays open.</summary>
    public async Task<PageForm> OpenFormAsync(string page, string form) =>
        PageForm.ReadAll(page, await ReadAsync(page)).FirstOrDefault(f => f.Handler == form) ?? throw new Xunit.Sdk.XunitException($"{page} has no form {form}.");

    /// <summary>Presses a button that stands on every page: lock, or sign out.</summary>
    public async Task PressAsync(string action)
    {
        PageForm form = PageForm.ReadAll("/account", await ReadAsync("/account")).First(f => f.Action == action);
        using HttpResponseMessage response = await PostAsync(action, form.Filled());
        Assert.Equal(HttpStatusCode.Found, response.StatusCode);
    }

    /// <summary>Uploads a file by the form of the upload page, as a whole.</summary>
    public async Task<HttpResponseMessage> UploadAsync(byte[] file, string name, string? token = null)
    {
        var fields = new Dictionary<string, string>(await HiddenAsync("/patient/upload"));
        if (token is not null)
        {
            fields["__RequestVerificationToken"] = token;
        }

        return await UploadAsync(file, name, fields);
    }

    /// <summary>Uploads a file with these fields before it.</summary>
    public async Task<HttpResponseMessage> UploadAsync(byte[] file, string name, IReadOnlyDictionary<string, string> fields)
    {
        using var content = new MultipartFormDataContent();
        foreach ((string field, string value) in fields)
        {
            content.Add(new StringContent(value), field);
        }

        if (!fields.ContainsKey("InsuranceClaim"))
        {
            content.Add(new StringContent("No"), "InsuranceClaim");
        }

        var part = new ByteArrayContent(file);
        part.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        if (name.All(c => c is >= ' ' and <= '~' and not '"'))
        {
            content.Add(part, "File", name);
        }
        else
        {
            part.Headers.TryAddWithoutValidation("Content-Disposition", $"form-data; name=\"File\"; filename*=UTF-8''{Uri.EscapeDataString(name)}");
            content.Add(part);
        }

        return await _client.PostAsync(new Uri("/patient/upload/file", UriKind.Relative), content);
    }

    /// <summary>Uploads files together, as one form sends them.</summary>
    public async Task<HttpResponseMessage> UploadAllAsync(IReadOnlyDictionary<string, string> fields, params IReadOnlyList<(byte[] Bytes, string Name)> files)
    {
        using var content = new MultipartFormDataContent();
        foreach ((string field, string value) in fields.Append(new("InsuranceClaim", "No")))
        {
            content.Add(new StringContent(value), field);
        }

        foreach ((byte[] bytes, string name) in files)
        {
            var part = new ByteArrayContent(bytes);
            part.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
            content.Add(part, "File", name);
        }

        return await _client.PostAsync(new Uri("/patient/upload/file", UriKind.Relative), content);
    }

    public async Task SignInAsync(string name, string password)
    {
        using HttpResponseMessage response = await TrySignInAsync(name, password);
        Assert.True(response.StatusCode == HttpStatusCode.Found, $"{name} could not sign in: {TextOf(await response.Content.ReadAsStringAsync())}");
    }

    public Task<HttpResponseMessage> TrySignInAsync(string name, string password) =>
        SubmitAsync("/sign-in", "sign-in", new Dictionary<string, string> { ["Name"] = name, ["Password"] = password });

    public async Task UnlockAsync(string passphrase)
    {
        using HttpResponseMessage response = await SubmitAsync("/unlock", "unlock", new Dictionary<string, string> { ["Passphrase"] = passphrase });
        Assert.Equal(HttpStatusCode.Found, response.StatusCode);
    }

    /// <summary>Admits a new account, as the cloud server's operator.</summary>
    /// <returns>The account's number.</returns>
    public async Task<int> AdmitAsync(string mail)
    {
        int id = int.Parse(Regex.Match(await ReadAsync("/cloud"), $"<td>(\\d+)</td>\\s*<td>[^<]*</td>\\s*<td>(?:[^<]*</td>\\s*<td>)?{Regex.Escape(mail)}</td>").Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
        using HttpResponseMessage response = await SubmitAsync("/cloud", $"admit-{id}");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return id;
    }

    /// <summary>What a page says, without its tags.</summary>
    public static string TextOf(string html) => WebUtility.HtmlDecode(SpacePattern().Replace(TagPattern().Replace(html, " "), " ")).Trim();

    public void Dispose() => _client.Dispose();

    private static Dictionary<string, string> HiddenOf(string html)
    {
        var hidden = new Dictionary<string, string>();
        foreach (Match input in HiddenPattern().Matches(html))
        {
            hidden[WebUtility.HtmlDecode(AttributeOf(input.Value, "name"))] = WebUtility.HtmlDecode(AttributeOf(input.Value, "value"));
        }

        return hidden;
    }

    private static string AttributeOf(string tag, string name) => Regex.Match(tag, $"\\s{name}=\"([^\"]*)\"").Groups[1].Value;

    [GeneratedRegex("<form.*?</form>", RegexOptions.Singleline)]
    private static partial Regex FormPattern();

    [GeneratedRegex("<input type=\"hidden\"[^>]*>")]
    private static partial Regex HiddenPattern();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex TagPattern();

    [GeneratedRegex("\\s+")]
    private static partial Regex SpacePattern();
}
