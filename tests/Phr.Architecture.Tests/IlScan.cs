using System.Collections.Immutable;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Phr.Architecture.Tests;

/// <summary>One use found in compiled code.</summary>
/// <param name="From">Full name of the outermost type whose code or signatures hold the use; closures and state machines count as their type.</param>
/// <param name="Assembly">Simple name of the assembly that is used.</param>
/// <param name="Type">Full name of the type that is used, without type arguments.</param>
/// <param name="Member">The member that is used, or empty when only the type is named.</param>
internal sealed record MemberUse(string From, string Assembly, string Type, string Member);

/// <summary>Lists what the code of an assembly refers to: every member that its instructions name and every type in its signatures.</summary>
internal static class IlScan
{
    private static readonly Dictionary<int, OperandType> _operands = typeof(OpCodes).GetFields()
        .Select(f => (OpCode)f.GetValue(null)!)
        .ToDictionary(o => o.Value & 0xffff, o => o.OperandType);

    public static IReadOnlyCollection<MemberUse> Uses(string assemblyPath)
    {
        using var pe = new PEReader(File.OpenRead(assemblyPath));
        MetadataReader reader = pe.GetMetadataReader();
        var uses = new HashSet<MemberUse>();
        foreach (TypeDefinitionHandle handle in reader.TypeDefinitions)
        {
            new TypeScan(pe, reader, Outermost(reader, handle), uses).Scan(reader.GetTypeDefinition(handle));
        }

        return uses;
    }

    private static string Outermost(MetadataReader reader, TypeDefinitionHandle handle)
    {
        TypeDefinition type = reader.GetTypeDefinition(handle);
        while (!type.GetDeclaringType().IsNil)
        {
            type = reader.GetTypeDefinition(type.GetDeclaringType());
        }

        return Join(reader.GetString(type.Namespace), reader.GetString(type.Name));
    }

    private static string Join(string space, string name) => space.Length == 0 ? name : space + "." + name;

    private sealed class TypeScan(PEReader pe, MetadataReader reader, string from, HashSet<MemberUse> uses) : ISignatureTypeProvider<TypeScan.Named, object?>
    {
        private readonly string _self = reader.GetString(reader.GetAssemblyDefinition().Name);

        public sealed record Named(string Assembly, string Type);

        public void Scan(TypeDefinition type)
        {
            Visit(type.BaseType);
            foreach (InterfaceImplementationHandle handle in type.GetInterfaceImplementations())
            {
                Visit(reader.GetInterfaceImplementation(handle).Interface);
            }

            foreach (FieldDefinitionHandle handle in type.GetFields())
            {
                reader.GetFieldDefinition(handle).DecodeSignature(this, null);
            }

            foreach (MethodDefinitionHandle handle in type.GetMethods())
            {
                MethodDefinition method = reader.GetMethodDefinition(handle);
                method.DecodeSignature(this, null);
                if (method.RelativeVirtualAddress != 0)
                {
                    Scan(pe.GetMethodBody(method.RelativeVirtualAddress));
                }
            }
        }

        private void Scan(MethodBodyBlock body)
        {
            if (!body.LocalSignature.IsNil)
            {
                reader.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(this, null);
            }

            foreach (ExceptionRegion region in body.ExceptionRegions)
            {
                Visit(region.CatchType);
            }

            BlobReader il = body.GetILReader();
            while (il.RemainingBytes > 0)
            {
                int opcode = il.ReadByte();
                opcode = opcode == 0xfe ? 0xfe00 | il.ReadByte() : opcode;
                switch (_operands[opcode])
                {
                    case OperandType.InlineNone:
                        break;
                    case OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar:
                        il.Offset += 1;
                        break;
                    case OperandType.InlineVar:
                        il.Offset += 2;
                        break;
                    case OperandType.InlineI8 or OperandType.InlineR:
                        il.Offset += 8;
                        break;
                    case OperandType.InlineSwitch:
                        int targets = il.ReadInt32();
                        il.Offset += 4 * targets;
                        break;
                    case OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineType or OperandType.InlineTok:
                        Visit(MetadataTokens.EntityHandle(il.ReadInt32()));
                        break;
                    default:
                        il.Offset += 4;
                        break;
                }
            }
        }

        private void Visit(EntityHandle handle)
        {
            if (handle.IsNil)
            {
                return;
            }

            switch (handle.Kind)
            {
                case HandleKind.MethodSpecification:
                    MethodSpecification generic = reader.GetMethodSpecification((MethodSpecificationHandle)handle);
                    generic.DecodeSignature(this, null);
                    Visit(generic.Method);
                    break;
                case HandleKind.MethodDefinition:
                    MethodDefinition method = reader.GetMethodDefinition((MethodDefinitionHandle)handle);
                    Add(GetTypeFromDefinition(reader, method.GetDeclaringType(), 0), method.Name);
                    break;
                case HandleKind.FieldDefinition:
                    FieldDefinition field = reader.GetFieldDefinition((FieldDefinitionHandle)handle);
                    Add(GetTypeFromDefinition(reader, field.GetDeclaringType(), 0), field.Name);
                    break;
                case HandleKind.MemberReference:
                    MemberReference member = reader.GetMemberReference((MemberReferenceHandle)handle);
                    Add(TypeOf(member.Parent), member.Name);
                    break;
                default:
                    TypeOf(handle);
                    break;
            }
        }

        private Named TypeOf(EntityHandle handle) => handle.Kind switch
        {
            HandleKind.TypeReference => GetTypeFromReference(reader, (TypeReferenceHandle)handle, 0),
            HandleKind.TypeDefinition => GetTypeFromDefinition(reader, (TypeDefinitionHandle)handle, 0),
            HandleKind.TypeSpecification => reader.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(this, null),
            _ => new Named("", ""),
        };

        private void Add(Named type, StringHandle member) => uses.Add(new MemberUse(from, type.Assembly, type.Type, reader.GetString(member)));

        private Named Add(Named type)
        {
            uses.Add(new MemberUse(from, type.Assembly, type.Type, ""));
            return type;
        }

        public Named GetTypeFromDefinition(MetadataReader metadata, TypeDefinitionHandle handle, byte rawTypeKind)
        {
            TypeDefinition type = metadata.GetTypeDefinition(handle);
            string name = metadata.GetString(type.Name);
            TypeDefinitionHandle outer = type.GetDeclaringType();
            return Add(new Named(_self, outer.IsNil ? Join(metadata.GetString(type.Namespace), name) : GetTypeFromDefinition(metadata, outer, 0).Type + "+" + name));
        }

        public Named GetTypeFromReference(MetadataReader metadata, TypeReferenceHandle handle, byte rawTypeKind)
        {
            TypeReference type = metadata.GetTypeReference(handle);
            string name = metadata.GetString(type.Name);
            switch (type.ResolutionScope.Kind)
            {
                case HandleKind.TypeReference:
                    Named outer = GetTypeFromReference(metadata, (TypeReferenceHandle)type.ResolutionScope, 0);
                    return Add(new Named(outer.Assembly, outer.Type + "+" + name));
                case HandleKind.AssemblyReference:
                    AssemblyReference assembly = metadata.GetAssemblyReference((AssemblyReferenceHandle)type.ResolutionScope);
                    return Add(new Named(metadata.GetString(assembly.Name), Join(metadata.GetString(type.Namespace), name)));
                default:
                    return Add(new Named(_self, Join(metadata.GetString(type.Namespace), name)));
            }
        }

        public Named GetTypeFromSpecification(MetadataReader metadata, object? context, TypeSpecificationHandle handle, byte rawTypeKind) =>
            metadata.GetTypeSpecification(handle).DecodeSignature(this, context);

        public Named GetGenericInstantiation(Named genericType, ImmutableArray<Named> typeArguments) => genericType;

        public Named GetPrimitiveType(PrimitiveTypeCode typeCode) => new("System.Runtime", "System." + typeCode);

        public Named GetSZArrayType(Named elementType) => elementType;

        public Named GetArrayType(Named elementType, ArrayShape shape) => elementType;

        public Named GetByReferenceType(Named elementType) => elementType;

        public Named GetPointerType(Named elementType) => elementType;

        public Named GetPinnedType(Named elementType) => elementType;

        public Named GetModifiedType(Named modifier, Named unmodifiedType, bool isRequired) => unmodifiedType;

        public Named GetFunctionPointerType(MethodSignature<Named> signature) => new("", "");

        public Named GetGenericMethodParameter(object? context, int index) => new("", "");

        public Named GetGenericTypeParameter(object? context, int index) => new("", "");
    }
}
