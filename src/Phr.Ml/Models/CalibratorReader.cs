using System.Formats.Cbor;
using Phr.Ml.Evaluation;

namespace Phr.Ml.Models;

/// <summary>Reads back what <see cref="ICalibrator.Write"/> wrote.</summary>
internal static class CalibratorReader
{
    public static ICalibrator Read(CborReader reader)
    {
        reader.ReadStartArray();
        ICalibrator calibrator = reader.ReadTextString() switch
        {
            IdentityCalibrator.Kind => IdentityCalibrator.Read(reader),
            PlattCalibrator.Kind => PlattCalibrator.Read(reader),
            BetaCalibrator.Kind => BetaCalibrator.Read(reader),
            IsotonicCalibrator.Kind => IsotonicCalibrator.Read(reader),
            SoftmaxCalibrator.Kind => SoftmaxCalibrator.Read(reader),
            _ => throw Error.UnknownPart("calibrator"),
        };
        reader.ReadEndArray();
        return calibrator;
    }
}
