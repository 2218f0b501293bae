using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace Phr.Ml.Schemas;

/// <summary>Opens a stream of CSV: unpacks gzip where it begins as such, and takes the SHA-256 of the text's bytes as they pass.</summary>
internal sealed class CsvText : IDisposable
{
    private readonly HashingStream _hashing;
    private readonly StreamReader _reader;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public CsvText(Stream stream)
    {
        var peeking = new PeekStream(stream);
        Stream text = peeking.BeginsWith(0x1f, 0x8b) ? new GZipStream(peeking, CompressionMode.Decompress) : peeking;
        _hashing = new HashingStream(text, _hash);
        _reader = new StreamReader(_hashing, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true), detectEncodingFromByteOrderMarks: false, bufferSize: 1 << 16);
    }

    public CsvReader Records => field ??= new CsvReader(new WithoutMark(_reader));

    /// <summary>The digest of everything, once it was read to its end.</summary>
    public ContentDigest Digest() => ContentDigest.FromBytes(_hash.GetHashAndReset());

    public void Dispose()
    {
        _reader.Dispose();
        _hash.Dispose();
    }

    /// <summary>Passes over a byte order mark at the beginning.</summary>
    private sealed class WithoutMark(StreamReader reader) : TextReader
    {
        private bool _begun;

        public override int Read(char[] buffer, int index, int count)
        {
            if (!_begun)
            {
                _begun = true;
                if (reader.Peek() == '\uFEFF')
                {
                    reader.Read();
                }
            }

            return reader.Read(buffer, index, count);
        }
    }

    private abstract class ReadingStream : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }

    private sealed class HashingStream(Stream inner, IncrementalHash hash) : ReadingStream
    {
        public override int Read(Span<byte> buffer)
        {
            int read = inner.Read(buffer);
            hash.AppendData(buffer[..read]);
            return read;
        }
    }

    private sealed class PeekStream(Stream inner) : ReadingStream
    {
        private readonly byte[] _head = new byte[2];
        private int _from;
        private int _to = -1;

        public bool BeginsWith(byte first, byte second)
        {
            _to = inner.ReadAtLeast(_head, 2, throwOnEndOfStream: false);
            return _to == 2 && _head[0] == first && _head[1] == second;
        }

        public override int Read(Span<byte> buffer)
        {
            if (_from < _to)
            {
                int count = Math.Min(buffer.Length, _to - _from);
                _head.AsSpan(_from, count).CopyTo(buffer);
                _from += count;
                return count;
            }

            return inner.Read(buffer);
        }
    }
}
