using System.Globalization;
using System.Text;
using System.Web;

namespace Phr.Storage.Tests;

/// <summary>One request to a <see cref="PaperNode"/>, and the connection to answer it on.</summary>
internal sealed class PaperCall
{
    private readonly byte[] _behindHead;
    private readonly string _head;

    private PaperCall(Stream stream, string head, byte[] behindHead, CancellationToken stop)
    {
        Stream = stream;
        Stop = stop;
        _head = head;
        _behindHead = behindHead;
        string target = head.Split(' ')[1];
        Path = target.Split('?')[0];
        Query = target.Contains('?', StringComparison.Ordinal) ? target.Split('?')[1] : string.Empty;
        Method = Path.StartsWith("/api/v0/", StringComparison.Ordinal) ? Path["/api/v0/".Length..] : Path.Split('/')[1];
    }

    public Stream Stream { get; }

    public CancellationToken Stop { get; }

    public string Path { get; }

    public string Query { get; }

    /// <summary><c>block/get</c> and the like, or <c>ipfs</c> for a gateway.</summary>
    public string Method { get; }

    public string Head => _head;

    public string? Argument(string name) => HttpUtility.ParseQueryString(Query)[name];

    public static async Task<PaperCall?> ReadAsync(Stream stream, CancellationToken stop)
    {
        var bytes = new List<byte>();
        byte[] piece = new byte[4096];
        while (true)
        {
            int count = await stream.ReadAsync(piece, stop);
            if (count == 0)
            {
                return null;
            }

            bytes.AddRange(piece.AsSpan(0, count));
            int end = bytes.ToArray().AsSpan().IndexOf("\r\n\r\n"u8);
            if (end >= 0)
            {
                byte[] all = [.. bytes];
                return new PaperCall(stream, Encoding.ASCII.GetString(all, 0, end), all[(end + 4)..], stop);
            }
        }
    }

    /// <summary>Reads the body, which comes in chunks, and gives the one part of its form.</summary>
    public async Task<byte[]> ReadPartAsync()
    {
        var body = new List<byte>();
        await using var source = new Prefixed(_behindHead, Stream);
        while (true)
        {
            int length = int.Parse(await source.LineAsync(Stop), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            byte[] chunk = new byte[length];
            await source.ReadExactlyAsync(chunk, Stop);
            await source.LineAsync(Stop);
            if (length == 0)
            {
                break;
            }

            body.AddRange(chunk);
        }

        byte[] form = [.. body];
        int start = form.AsSpan().IndexOf("\r\n\r\n"u8) + 4;
        int end = form.AsSpan().LastIndexOf("\r\n--phr-"u8);
        return form[start..end];
    }

    public Task JsonAsync(string lines) => AnswerAsync(200, "application/json", Encoding.UTF8.GetBytes(lines + "\n"));

    public Task ErrorAsync(string message) => AnswerAsync(500, "application/json", Encoding.UTF8.GetBytes($$"""{"Message":"{{message}}","Code":0,"Type":"error"}"""));

    public Task BytesAsync(byte[] body) => AnswerAsync(200, "application/octet-stream", body);

    public async Task AnswerAsync(int status, string type, byte[] body)
    {
        await TextAsync($"HTTP/1.1 {status} Whatever\r\nContent-Type: {type}\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n");
        await Stream.WriteAsync(_head.StartsWith("HEAD", StringComparison.Ordinal) ? [] : body, Stop);
    }

    public async Task TextAsync(string text) => await Stream.WriteAsync(Encoding.ASCII.GetBytes(text), Stop);

    private sealed class Prefixed(byte[] before, Stream rest) : Stream
    {
        private int _at;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public async Task<string> LineAsync(CancellationToken stop)
        {
            var line = new StringBuilder();
            byte[] one = new byte[1];
            while (true)
            {
                await ReadExactlyAsync(one, stop);
                if (one[0] == '\n')
                {
                    return line.ToString().TrimEnd('\r');
                }

                line.Append((char)one[0]);
            }
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_at == before.Length)
            {
                return rest.ReadAsync(buffer, cancellationToken);
            }

            int count = Math.Min(buffer.Length, before.Length - _at);
            before.AsMemory(_at, count).CopyTo(buffer);
            _at += count;
            return ValueTask.FromResult(count);
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
