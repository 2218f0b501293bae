using Microsoft.Win32.SafeHandles;
using Phr.Crypto;
using Phr.Shared;

namespace Phr.Storage;

/// <summary>Settings of a <see cref="DirectoryContentStore"/>.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record DirectoryContentStoreOptions
{
    private static readonly TimeSpan _leastAge = TimeSpan.FromMinutes(10);

    private readonly UnixFsLayout _layout = UnixFsLayout.Default;
    private readonly TimeSpan _temporaryFileAge = TimeSpan.FromHours(1);
    private readonly TimeProvider _timeProvider = TimeProvider.System;

    /// <summary>How objects that are put are cut and tied together. Objects already in the store are read whatever their layout.</summary>
    /// <value><see cref="UnixFsLayout.Default"/> unless said. Another layout gives other content ids than other stores do.</value>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    /// <exception cref="ArgumentException">The layout is of version 0; the store keeps objects with raw leaves alone.</exception>
    public UnixFsLayout Layout
    {
        get => _layout;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            _layout = value.CidVersion == 1 ? value : throw new ArgumentException("The store keeps objects with raw leaves (version 1) alone.", nameof(value));
        }
    }

    /// <summary>How old the temporary file of a writer that is gone must be before it is removed, when a store is opened or collected.</summary>
    /// <value>
    /// Ten minutes or more; one hour unless said. Files that are being written are locked and stay, however old; the age protects those that
    /// are about to be put in place.
    /// </value>
    /// <exception cref="ArgumentOutOfRangeException">The value is below ten minutes.</exception>
    public TimeSpan TemporaryFileAge
    {
        get => _temporaryFileAge;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, _leastAge);
            _temporaryFileAge = value;
        }
    }

    /// <summary>The clock that the age of temporary files is taken from.</summary>
    /// <value><see cref="TimeProvider.System"/> unless said.</value>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public TimeProvider TimeProvider
    {
        get => _timeProvider;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            _timeProvider = value;
        }
    }

    /// <summary>Makes the bytes of a file durable.</summary>
    internal Action<string, SafeFileHandle> FlushFile { get; init; } = (_, file) => RandomAccess.FlushToDisk(file);

    /// <summary>Makes the names in a folder durable.</summary>
    internal Action<string> FlushFolder { get; init; } = DirectoryFlush.Flush;
}
