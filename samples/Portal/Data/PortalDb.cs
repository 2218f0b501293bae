using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;

namespace Phr.Samples.Portal;

/// <summary>What the portal keeps beside the ledger and the stores: accounts, who turned to whom, and mail. No content of a record and no key.</summary>
public abstract class PortalDb(DbContextOptions options) : IdentityDbContext<PortalUser, IdentityRole<int>, int>(options)
{
    public DbSet<PatientProfile> Patients => Set<PatientProfile>();

    public DbSet<DoctorProfile> Doctors => Set<DoctorProfile>();

    public DbSet<SealedBundle> Bundles => Set<SealedBundle>();

    public DbSet<Trusteeship> Trusteeships => Set<Trusteeship>();

    public DbSet<Appointment> Appointments => Set<Appointment>();

    public DbSet<Prescription> Prescriptions => Set<Prescription>();

    public DbSet<PrescriptionStep> PrescriptionSteps => Set<PrescriptionStep>();

    public DbSet<OutcomeCount> Outcomes => Set<OutcomeCount>();

    public DbSet<UnfinishedUpload> UnfinishedUploads => Set<UnfinishedUpload>();

    public DbSet<Drill> Drills => Set<Drill>();

    public DbSet<DrillTrial> DrillTrials => Set<DrillTrial>();

    public DbSet<OutgoingMail> Outbox => Set<OutgoingMail>();

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UnixTimeConverter>();

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.Entity<PortalUser>(user =>
        {
            user.Ignore(u => u.ActorId).Ignore(u => u.TrusteeId).Ignore(u => u.Fingerprint);
            user.Property(u => u.DisplayName).HasMaxLength(100);
            user.Property(u => u.TimeZone).HasMaxLength(64);
            user.Property(u => u.Actor).HasMaxLength(40);
            user.Property(u => u.DeskActor).HasMaxLength(40);
            user.Property(u => u.EnrolmentCodeDigest).HasMaxLength(64);
            user.HasIndex(u => u.Actor).IsUnique();
            user.HasIndex(u => u.DeskActor).IsUnique();
            user.HasIndex(u => new { u.Role, u.Admission });
            user.HasOne(u => u.Patient).WithOne().HasForeignKey<PatientProfile>(p => p.UserId).OnDelete(DeleteBehavior.Cascade);
            user.HasOne(u => u.Doctor).WithOne().HasForeignKey<DoctorProfile>(d => d.UserId).OnDelete(DeleteBehavior.Cascade);
        });
        builder.Entity<PatientProfile>(patient =>
        {
            patient.HasKey(p => p.UserId);
            patient.Property(p => p.Guardians).HasMaxLength(400);
            patient.Property(p => p.Location).HasMaxLength(100);
            patient.Property(p => p.Speciality).HasMaxLength(64);
            patient.Property(p => p.InsuranceType).HasMaxLength(64);
            patient.HasOne(p => p.Hospital).WithMany().HasForeignKey(p => p.HospitalId).OnDelete(DeleteBehavior.Restrict);
            patient.HasOne(p => p.PersonalDoctor).WithMany().HasForeignKey(p => p.PersonalDoctorId).OnDelete(DeleteBehavior.Restrict);
        });
        builder.Entity<DoctorProfile>(doctor =>
        {
            doctor.HasKey(d => d.UserId);
            doctor.Property(d => d.LicenceNumber).HasMaxLength(64);
            doctor.Property(d => d.Speciality).HasMaxLength(64);
            doctor.Property(d => d.RefusalReason).HasMaxLength(500);
            doctor.HasOne(d => d.Hospital).WithMany().HasForeignKey(d => d.HospitalId).OnDelete(DeleteBehavior.Restrict);
        });
        builder.Entity<SealedBundle>(bundle =>
        {
            bundle.Ignore(b => b.BundleId);
            bundle.Property(b => b.Bundle).HasMaxLength(64);
            bundle.Property(b => b.HeaderDigest).HasMaxLength(64);
            bundle.Property(b => b.Dealing).HasMaxLength(64);
            bundle.Property(b => b.EmergencyDealing).HasMaxLength(64);
            bundle.Property(b => b.Once).HasMaxLength(32);
            bundle.HasIndex(b => b.Bundle).IsUnique();
            bundle.HasIndex(b => new { b.PatientId, b.Once }).IsUnique();
            bundle.HasOne(b => b.Patient).WithMany().HasForeignKey(b => b.PatientId).OnDelete(DeleteBehavior.Restrict);
        });
        builder.Entity<Trusteeship>(trusteeship =>
        {
            trusteeship.HasIndex(t => new { t.PatientId, t.TrusteeId }).IsUnique();
            trusteeship.HasOne(t => t.Patient).WithMany().HasForeignKey(t => t.PatientId).OnDelete(DeleteBehavior.Cascade);
            trusteeship.HasOne(t => t.Trustee).WithMany().HasForeignKey(t => t.TrusteeId).OnDelete(DeleteBehavior.Restrict);
        });
        builder.Entity<Appointment>(appointment =>
        {
            appointment.Ignore(a => a.RequestId);
            appointment.Property(a => a.Request).HasMaxLength(64);
            appointment.HasIndex(a => a.Request).IsUnique();
            appointment.HasIndex(a => new { a.DoctorId, a.BundleId }).IsUnique();
            appointment.HasOne(a => a.Patient).WithMany().HasForeignKey(a => a.PatientId).OnDelete(DeleteBehavior.Restrict);
            appointment.HasOne(a => a.Doctor).WithMany().HasForeignKey(a => a.DoctorId).OnDelete(DeleteBehavior.Restrict);
            appointment.HasOne(a => a.Bundle).WithMany().HasForeignKey(a => a.BundleId).OnDelete(DeleteBehavior.Cascade);
        });
        builder.Entity<Prescription>(prescription =>
        {
            prescription.Property(p => p.PatientObject).HasMaxLength(64);
            prescription.Property(p => p.DoctorObject).HasMaxLength(64);
            prescription.HasOne(p => p.Appointment).WithMany(a => a.Prescriptions).HasForeignKey(p => p.AppointmentId).OnDelete(DeleteBehavior.Restrict);
            prescription.HasOne(p => p.Patient).WithMany().HasForeignKey(p => p.PatientId).OnDelete(DeleteBehavior.Restrict);
            prescription.HasOne(p => p.Doctor).WithMany().HasForeignKey(p => p.DoctorId).OnDelete(DeleteBehavior.Restrict);
        });
        builder.Entity<PrescriptionStep>(step =>
        {
            step.Property(s => s.PatientObject).HasMaxLength(64);
            step.Property(s => s.DoctorObject).HasMaxLength(64);
            step.HasIndex(s => new { s.PrescriptionId, s.Number }).IsUnique();
            step.HasOne(s => s.Prescription).WithMany(p => p.Steps).HasForeignKey(s => s.PrescriptionId).OnDelete(DeleteBehavior.Cascade);
        });
        builder.Entity<OutcomeCount>(outcome =>
        {
            outcome.Property(o => o.Model).HasMaxLength(128);
            outcome.Property(o => o.Title).HasMaxLength(200);
            outcome.Property(o => o.Suggested).HasMaxLength(200);
            outcome.Property(o => o.Outcome).HasMaxLength(200);
            outcome.HasIndex(o => new { o.Model, o.Suggested, o.Outcome }).IsUnique();
        });
        builder.Entity<UnfinishedUpload>(upload =>
        {
            upload.Ignore(u => u.Parts);
            upload.Property(u => u.Once).HasMaxLength(32);
            upload.HasIndex(u => new { u.PatientId, u.Once }).IsUnique();
            upload.HasIndex(u => u.TouchedAt);
            upload.HasOne(u => u.Patient).WithMany().HasForeignKey(u => u.PatientId).OnDelete(DeleteBehavior.Cascade);
        });
        builder.Entity<Drill>(drill =>
        {
            drill.HasOne(d => d.Patient).WithMany().HasForeignKey(d => d.PatientId).OnDelete(DeleteBehavior.Cascade);
        });
        builder.Entity<DrillTrial>(trial =>
        {
            trial.Property(t => t.Answer).HasMaxLength(64);
            trial.HasIndex(t => new { t.DrillId, t.BundleId, t.TrusteeId }).IsUnique();
            trial.HasIndex(t => new { t.TrusteeId, t.TriedAt });
            trial.HasOne(t => t.Drill).WithMany(d => d.Trials).HasForeignKey(t => t.DrillId).OnDelete(DeleteBehavior.Cascade);
            trial.HasOne(t => t.Bundle).WithMany().HasForeignKey(t => t.BundleId).OnDelete(DeleteBehavior.Cascade);
            trial.HasOne(t => t.Trustee).WithMany().HasForeignKey(t => t.TrusteeId).OnDelete(DeleteBehavior.Cascade);
        });
        builder.Entity<OutgoingMail>(mail =>
        {
            mail.Property(m => m.Address).HasMaxLength(256);
            mail.Property(m => m.Subject).HasMaxLength(200);
            mail.HasIndex(m => m.SentAt);
            mail.HasOne(m => m.User).WithMany().HasForeignKey(m => m.UserId).OnDelete(DeleteBehavior.SetNull);
        });
    }
}
